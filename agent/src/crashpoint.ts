/**
 * Named places where a test ends the agent as `kill -9` would (docs/faults.md). Nothing happens unless the
 * process was started with QUINTET_FAULT_TESTS=true and QUINTET_CRASH_AT=<place>[:n], the n-th time it is passed.
 */
export const AGENT_CRASH_POINTS = [
	/** The command was read from the line; nothing is noted yet. */
	'received',
	/** It is in the journal; nothing is done yet. */
	'journalled',
	/** A Start's intent is in the journal, or a Stop or Pause is about to begin: the next step has an effect. */
	'intended',
	/** The Algo Trading button was pressed; it is not seen yet what came of it. */
	'mid-effect',
	/** All is done and seen; the outcome is not noted yet. */
	'effect-done',
	/** The outcome is in the journal; the server does not have it yet. */
	'outcome-journalled',
	/** The outcome is sent; the server has not acknowledged it. */
	'outcome-sent',
	/** The acknowledgement is in the journal. */
	'acknowledged'
] as const;
export type AgentCrashPoint = (typeof AGENT_CRASH_POINTS)[number];

export const DEAL_CRASH_POINTS = [
	/** A batch of deals is sent; the server has not acknowledged it. */
	'deals-sent',
	/** The acknowledgement came; that the deals are stored is not noted yet. */
	'deals-acknowledged',
	/** It is in the journal. */
	'deals-noted'
] as const;
type DealCrashPoint = (typeof DEAL_CRASH_POINTS)[number];

const isArmed = process.env.QUINTET_FAULT_TESTS === 'true';
const [place, count = '1'] = (isArmed ? process.env.QUINTET_CRASH_AT : undefined)?.split(':') ?? [];
let left = Number(count);

export function crashpoint(name: AgentCrashPoint | DealCrashPoint): void {
	if (name !== place) return;
	left -= 1;
	if (left === 0) process.kill(process.pid, 'SIGKILL');
}
