/**
 * Named places where a test ends the web server as `kill -9` would (docs/faults.md). Nothing happens unless the
 * process was started with QUINTET_FAULT_TESTS=true and QUINTET_CRASH_AT=<place>[:n], the n-th time it is passed.
 */
export type WebCrashPoint =
	/** The command is committed as dispatched; nothing is sent yet. */
	| 'command-committed'
	/** One frame of the command is sent. */
	| 'command-sent'
	/** An agent's result came in; it is not committed yet. */
	| 'result-received'
	/** The result is committed; the agent has no acknowledgement yet. */
	| 'result-committed'
	/** A batch of deals is committed; the agent has no acknowledgement yet. */
	| 'deals-committed';

const isArmed = process.env['QUINTET_FAULT_TESTS'] === 'true';
const [place, count = '1'] = (isArmed ? process.env['QUINTET_CRASH_AT'] : undefined)?.split(':') ?? [];
let left = Number(count);

export function crashpoint(name: WebCrashPoint): void {
	if (name !== place) return;
	left -= 1;
	if (left === 0) process.kill(process.pid, 'SIGKILL');
}
