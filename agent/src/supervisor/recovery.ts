/**
 * What an earlier agent left without outcome. A Start is never run again: it is looked at what became of it.
 * A Stop or Pause is carried out again, the newest one; older ones are superseded.
 */
import { type Clock } from '../clock.ts';
import { type Journal } from '../link/journal.ts';
import { type EaCommand } from './command.ts';
import { expired, indeterminate, success, superseded } from './outcomes.ts';
import { type Reporter } from './reporter.ts';
import { settingsHash } from '../terminal/template.ts';
import { HEARTBEAT_FRESH_MS } from '#lib/domain/ladder.ts';
import { loadMs, type Steps } from './steps.ts';

/**
 * Settles what can be settled at once.
 * @returns the Stop or Pause to carry out, and the Start to look after
 */
export function openCommands(
	journal: Journal,
	reporter: Reporter,
	clock: Clock,
	accountId: string
): { halt: EaCommand | null; start: EaCommand | null } {
	let halt: EaCommand | null = null;
	let start: EaCommand | null = null;
	for (const { command: record, state } of journal.unfinished(accountId)) {
		if (!record) continue;
		const command = { ...record, notAfterMs: null, acceptedAtMs: clock.monotonicMs(), isJournalled: true };
		const isNewest = journal.fences.of(accountId).maxGeneration <= command.generation;
		if (command.kind === 'start_ea') {
			// Without intent it had no effect, and by now its time is up.
			if (state === 'received') reporter.finish(command, expired, { failedGeneration: command.generation });
			else if (isNewest) start = command;
			else reporter.finish(command, superseded);
			continue;
		}
		if (halt) reporter.finish(halt, superseded);
		halt = command;
	}
	return { halt, start };
}

/** Waits a while for the interrupted Start to show that it runs; never helps it on. */
export async function settleStart(
	steps: Steps,
	reporter: Reporter,
	start: EaCommand,
	signal: AbortSignal
): Promise<void> {
	const { instance, timings } = steps;
	const hash = settingsHash(start.settings);
	const isRunning = await instance.waitStatus(
		({ ea, isTerminalTradeAllowed, isConnected }) =>
			ea?.generation === start.generation &&
			ea.settingsHash === hash &&
			ea.readyAgeMs !== null &&
			ea.heartbeatAgeMs !== null &&
			ea.heartbeatAgeMs <= HEARTBEAT_FRESH_MS &&
			isTerminalTradeAllowed &&
			isConnected,
		{ timeoutMs: instance.process ? timings.heartbeatMs : 0, signal }
	);
	const { generation, settings } = start;
	if (isRunning)
		reporter.finish(start, success('running', null), {
			confirmedGeneration: generation,
			failedGeneration: 0,
			settings
		});
	else reporter.finish(start, indeterminate('interrupted'), { failedGeneration: generation });
}

/** After a start of the agent: the terminal that still runs. */
export async function takeOver(steps: Steps, journal: Journal, accountId: string): Promise<void> {
	const { instance, bringUp, timings, logger } = steps;
	const adopted = await instance.adopt();
	// What an earlier agent ordered may lie before a busy bridge until now.
	const late = journal.lateLoad(accountId);
	if (adopted && late !== null) instance.expectLoad(late, loadMs(timings));
	const known = journal.fences.of(accountId).process;
	// One that this agent never saw: what lies in its folder are the words of another, by which it is not heard.
	if (adopted && (known?.pid !== adopted.pid || known.createdAt !== adopted.createdAt))
		await instance.reset();
	if (adopted && (await bringUp.endFirstLogin()))
		logger.warn({ accountId, pid: adopted.pid }, 'a terminal was left in its first login; it is ended');
	else if (adopted) logger.info({ accountId, pid: adopted.pid }, 'running terminal adopted');
}
