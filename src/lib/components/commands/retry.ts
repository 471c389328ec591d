/**
 * Retry failed: the same command to the accounts that ask for it. For Stop, "the same" includes whether
 * positions are closed; where this page does not know how that was chosen, it asks instead of guessing.
 */
import type { AccountView, CommandView } from '#lib/domain/views.ts';
import type { Press } from './commandDesk.svelte.ts';

export interface Retry {
	accountIds: string[];
	closePositions?: boolean;
	mustAsk: boolean;
}

/** @param press how the command was pressed, when it was pressed on this page */
export function retryOf(
	command: CommandView,
	press: Press | undefined,
	accounts: readonly AccountView[]
): Retry | null {
	const accountIds = command.accounts.filter((result) => result.canRetry).map((result) => result.accountId);
	if (accountIds.length === 0) return null;
	if (command.command !== 'stop_ea') return { accountIds, mustAsk: false };
	if (press !== undefined) {
		const { closePositions } = press;
		return { accountIds, mustAsk: false, ...(closePositions === undefined ? {} : { closePositions }) };
	}
	const isAsSet = accounts
		.filter((account) => accountIds.includes(account.id))
		.every((account) => account.settings.closePositionsOnStop === command.closePositions);
	return isAsSet
		? { accountIds, mustAsk: false, closePositions: command.closePositions }
		: { accountIds, mustAsk: true };
}
