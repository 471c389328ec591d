/**
 * The life of a command on one account, as rules without I/O.
 *
 * The asymmetry that everything follows from: Start must be fresh, runs at most once and is never kept for
 * later; Stop and Pause do not expire, may be late, and are repeated until proven.
 */
import { assertNever } from './assertNever.ts';

export const COMMAND_KINDS = ['start_ea', 'pause_ea', 'stop_ea'] as const;
export type CommandKind = (typeof COMMAND_KINDS)[number];

/**
 * Whether a press without named accounts reaches this one. Start: what is switched on. Pause and Stop also what
 * was switched off while it is wanted running: nothing escapes them.
 */
export function isReached(
	kind: CommandKind,
	account: { isEnabledForTrading: boolean; wanted: 'RUNNING' | 'PAUSED' | 'STOPPED' }
): boolean {
	return account.isEnabledForTrading || (kind !== 'start_ea' && account.wanted === 'RUNNING');
}

export const RESULT_STATUSES = [
	/** Committed as sent to the agent; no word from it yet. */
	'dispatched',
	/** The agent has it in its journal and is at work. */
	'executing',
	/** Stop or Pause for an agent that is away: applies when it is back. */
	'waiting',
	/** Nobody knows; settled when the agent is heard again. */
	'timeout',
	'success',
	/** Proven not done, with the agent's reason. */
	'failed',
	/** Start for an agent that was away: never sent. */
	'agent_offline',
	/** A newer command of the account took its place. */
	'superseded',
	/** A Start whose time was up before the agent accepted it: never ran. */
	'expired',
	/** A Start that was interrupted: it may have run for a while. */
	'indeterminate'
] as const;
export type ResultStatus = (typeof RESULT_STATUSES)[number];

const FINAL: ReadonlySet<ResultStatus> = new Set([
	'success',
	'failed',
	'agent_offline',
	'superseded',
	'expired',
	'indeterminate'
]);

/** Final results never change again. */
export function isFinal(status: ResultStatus): boolean {
	return FINAL.has(status);
}

/** True while the HTTP answer should go on waiting: the agent may still answer within it. */
export function isAtWork(status: ResultStatus): boolean {
	return status === 'dispatched' || status === 'executing';
}

/** Whether the account asks for Retry: it is over (or unknown), and what was asked was not seen to be done. */
export function isRetryable(status: ResultStatus): boolean {
	return (
		status === 'failed' ||
		status === 'agent_offline' ||
		status === 'expired' ||
		status === 'indeterminate' ||
		status === 'timeout'
	);
}

/** The status word of the HTTP API (F4): the finer steps of work are one `pending`. */
export type PublicStatus =
	'success' | 'failed' | 'pending' | 'timeout' | 'agent_offline' | 'superseded' | 'expired' | 'indeterminate';

export function publicStatus(status: ResultStatus): PublicStatus {
	switch (status) {
		case 'dispatched':
		case 'executing':
			return 'pending';
		case 'waiting':
			return 'agent_offline';
		case 'success':
		case 'failed':
		case 'timeout':
		case 'agent_offline':
		case 'superseded':
		case 'expired':
		case 'indeterminate':
			return status;
		default:
			return assertNever(status);
	}
}

export interface CommandCounts {
	total: number;
	/** Proven done. */
	successful: number;
	/** Over, and not done: failed, agent offline, superseded, expired, indeterminate. */
	failed: number;
	/** At work, waiting for the agent, or unknown. */
	open: number;
}

export function countResults(statuses: readonly ResultStatus[]): CommandCounts {
	const successful = statuses.filter((s) => s === 'success').length;
	const failed = statuses.filter((s) => isFinal(s) && s !== 'success').length;
	return { total: statuses.length, successful, failed, open: statuses.length - successful - failed };
}

const DONE_WORDS = { start_ea: 'started', pause_ea: 'paused', stop_ea: 'stopped' } as const;

/** One sentence for the whole press, e.g. “3 of 5 accounts stopped, 1 failed, 1 waits for its agent.” */
export function summarise(kind: CommandKind, statuses: readonly ResultStatus[]): string {
	const { total, successful, failed } = countResults(statuses);
	const count = (status: ResultStatus) => statuses.filter((s) => s === status).length;
	const accounts = total === 1 ? 'account' : 'accounts';
	const done = DONE_WORDS[kind];
	if (successful === total) return total === 1 ? `The account is ${done}.` : `All ${total} accounts ${done}.`;
	const parts = [`${successful} of ${total} ${accounts} ${done}`];
	const working = count('dispatched') + count('executing');
	if (failed > 0) parts.push(`${failed} failed`);
	if (working > 0) parts.push(`${working} still at work`);
	if (count('waiting') > 0) parts.push(`${count('waiting')} will apply when the agent is back`);
	if (count('timeout') > 0) parts.push(`${count('timeout')} unknown`);
	return `${parts.join(', ')}.`;
}
