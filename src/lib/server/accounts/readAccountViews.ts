import { MAX_ENABLED_ACCOUNTS } from '#lib/domain/limits.ts';
import type { RungState } from '#lib/domain/ladder.ts';
import type { AccountListView, AccountView, EaStatusView } from '#lib/domain/views.ts';
import type { App } from '../app.ts';
import { notFound } from '../errors.ts';
import { readAccount, readAccounts } from './accountRows.ts';
import { accountView } from './accountView.ts';
import { readDefaults } from './traderDefaults.ts';

/** Everything the dashboard shows of a trader's accounts. */
export async function readAccountList(app: App, userId: string): Promise<AccountListView> {
	await app.core.others.watch(userId);
	const rows = await readAccounts(app.db.pool, userId);
	const accounts = rows.map((row) => accountView(row, app.reports));
	const [first] = rows;
	return {
		accounts,
		enabledCount: accounts.filter((account) => account.isEnabledForTrading).length,
		limit: MAX_ENABLED_ACCOUNTS,
		defaults: first
			? {
					maxLotSize: first.defaultMaxLotSize,
					maxLoss: first.defaultMaxLoss,
					safetyMode: first.defaultSafetyMode,
					closePositionsOnStop: first.defaultClosePositionsOnStop
				}
			: await readDefaults(app, userId),
		serverTime: app.now().toISOString()
	};
}

/** @throws AppError NOT_FOUND, also when the account is another trader's */
export async function requireAccountView(app: App, userId: string, accountId: string): Promise<AccountView> {
	await app.core.others.watch(userId);
	const row = await readAccount(app.db.pool, userId, accountId);
	if (!row) throw notFound('The account');
	return accountView(row, app.reports);
}

/** The EA's signs of life, as far as they may be claimed now. @throws AppError NOT_FOUND */
export async function readEaStatus(app: App, userId: string, accountId: string): Promise<EaStatusView> {
	const { ladder, seenAt } = await requireAccountView(app, userId, accountId);
	const isAttached = ladder?.ea_attached ?? 'unknown';
	// Without an EA on the chart there is nothing to be ready: that is known, not unknown.
	const claim = (rung: RungState | undefined): boolean | null =>
		isAttached === 'no' ? false : rung === undefined || rung === 'unknown' ? null : rung === 'yes';
	const ea = isAttached === 'yes' ? app.live.eaOf(accountId) : null;
	return {
		ready: claim(ladder?.ea_ready),
		heartbeatActive: claim(ladder?.heartbeat),
		heartbeatAge:
			ea?.heartbeatAtMs === undefined || ea.heartbeatAtMs === null
				? null
				: Math.max(0, app.now().getTime() - ea.heartbeatAtMs),
		errors: ea?.errors ?? [],
		seenAt
	};
}
