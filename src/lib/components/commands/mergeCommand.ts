/**
 * One command comes to the page by up to four ways (page load, the answer to the press, two kinds of live
 * events), in any order. Whatever comes first is shown, and a settled result is never unsettled again.
 */
import {
	summarise,
	countResults,
	type CommandKind,
	type ResultStatus
} from '#lib/domain/commandLifecycle.ts';
import type { CommandResultView, CommandView } from '#lib/domain/views.ts';

/** The finer status behind the public word, as far as it can be told from outside. */
export function statusBehind(result: CommandResultView): ResultStatus {
	if (result.willApplyLater) return 'waiting';
	return result.status === 'pending' ? (result.stage ? 'executing' : 'dispatched') : result.status;
}

export function mergeCommand(held: CommandView | undefined, news: CommandView): CommandView {
	if (held === undefined) return news;
	const accounts = new Map(held.accounts.map((result) => [result.accountId, result]));
	for (const result of news.accounts) {
		if (accounts.get(result.accountId)?.isFinal !== true || result.isFinal) {
			accounts.set(result.accountId, result);
		}
	}
	const results = [...accounts.values()];
	const statuses = results.map(statusBehind);
	const { total, successful, failed, open } = countResults(statuses);
	return {
		...news,
		accounts: results,
		readAt: news.readAt ?? held.readAt,
		success: successful === total,
		message: summarise(news.command, statuses),
		totalAccounts: total,
		successfulAccounts: successful,
		failedAccounts: failed,
		pendingAccounts: open
	};
}

/** Newest first; ids are UUID v7, so they break ties in the order of making. */
export function byNewest(a: CommandView, b: CommandView): number {
	return b.createdAt.localeCompare(a.createdAt) || b.commandId.localeCompare(a.commandId);
}

/** Accounts still at work, in the sense that something may happen within the minute. */
export function countAtWork(command: CommandView): number {
	return command.accounts.filter((result) => result.status === 'pending' && !result.willApplyLater).length;
}

export const COMMAND_WORDS: Record<
	CommandKind,
	{ button: string; verb: string; gerund: string; done: string }
> = {
	start_ea: { button: 'Start Algo', verb: 'Start', gerund: 'Starting', done: 'Started' },
	pause_ea: { button: 'Pause Algo', verb: 'Pause', gerund: 'Pausing', done: 'Paused' },
	stop_ea: { button: 'Stop Algo', verb: 'Stop', gerund: 'Stopping', done: 'Stopped' }
};

/** `3 of 5`, counting the accounts where nothing more is to be expected just now. */
export function progressOf(command: CommandView): string {
	return `${command.totalAccounts - countAtWork(command)} of ${command.totalAccounts}`;
}
