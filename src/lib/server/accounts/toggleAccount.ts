import { MAX_ENABLED_ACCOUNTS } from '#lib/domain/limits.ts';
import type { AccountView } from '#lib/domain/views.ts';
import type { App, Caller } from '../app.ts';
import { writeAudit } from '../audit/writeAudit.ts';
import { AppError, notFound } from '../errors.ts';
import { appendAccountsEvent } from '../live/appendEvent.ts';
import { requireAccountView } from './readAccountViews.ts';

/**
 * Switches an account on or off for trading. The limit holds whatever happens at once: the trader's row is
 * locked while the enabled ones are counted.
 * @param enabled the wanted position; left out, the switch is turned over
 * @throws AppError NOT_FOUND, ACCOUNT_NOT_ACTIVE, ENABLED_LIMIT
 */
export async function toggleAccount(
	app: App,
	caller: Caller,
	accountId: string,
	enabled: boolean | undefined
): Promise<AccountView> {
	const { userId } = caller;
	const publish = await app.db.traderTransaction(userId, async (tx) => {
		const account = await tx.mt5Account.findFirst({
			where: { id: accountId, userId },
			select: { isEnabledForTrading: true, status: true }
		});
		if (!account) throw notFound('The account');
		const isWanted = enabled ?? !account.isEnabledForTrading;
		if (isWanted === account.isEnabledForTrading) return null;
		if (isWanted) {
			if (account.status !== 'ACTIVE')
				throw new AppError(
					'ACCOUNT_NOT_ACTIVE',
					'This account is not active. Activate it first, then switch it on.'
				);
			const enabledCount = await tx.mt5Account.count({ where: { userId, isEnabledForTrading: true } });
			if (enabledCount >= MAX_ENABLED_ACCOUNTS)
				throw new AppError(
					'ENABLED_LIMIT',
					`${MAX_ENABLED_ACCOUNTS} of ${MAX_ENABLED_ACCOUNTS} accounts are switched on already. Switch one off first.`
				);
		}
		await tx.mt5Account.update({ where: { id: accountId }, data: { isEnabledForTrading: isWanted } });
		await writeAudit(tx, {
			userId,
			action: isWanted ? 'account.enable' : 'account.disable',
			target: { type: 'account', id: accountId },
			origin: caller.origin,
			detail: {}
		});
		return appendAccountsEvent(tx, app.hub, userId, { reason: 'toggled', accountIds: [accountId] });
	});
	publish?.();
	return requireAccountView(app, userId, accountId);
}
