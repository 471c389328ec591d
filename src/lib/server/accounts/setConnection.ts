/**
 * Connecting and disconnecting an account by its trader: what is wanted is stored with the account and told to its
 * agent, which ends the terminal or brings it up. That it is so is seen, as everything else, by the agent's reports.
 */
import type { AccountView, ConnectionDeedView } from '#lib/domain/views.ts';
import type { App, Caller } from '../app.ts';
import { writeAudit } from '../audit/writeAudit.ts';
import { AppError, notFound } from '../errors.ts';
import { toAppError } from '../http/api.ts';
import { appendAccountsEvent } from '../live/appendEvent.ts';
import { readAccount, readAccounts, type AccountRow } from './accountRows.ts';
import { accountView } from './accountView.ts';
import { requireNoCommandSince, requireStandstill } from './algoGuard.ts';
import { requireAccountView } from './readAccountViews.ts';

export type ConnectionDeed = 'connect' | 'disconnect' | 'reconnect';

/**
 * Connects, disconnects, or ends the terminal and brings it up again. The latter two need a proven standstill of the
 * algo. Asking for what is wanted already changes nothing.
 * @throws AppError NOT_FOUND, ACCOUNT_NOT_ACTIVE, ALGO_RUNNING, CONNECTION_REFUSED
 */
export async function setConnection(
	app: App,
	caller: Caller,
	accountId: string,
	deed: ConnectionDeed
): Promise<AccountView> {
	const { userId } = caller;
	const row = await readAccount(app.db.pool, userId, accountId);
	if (!row) throw notFound('The account');
	requireAble(app, row, deed);
	const isWanted = deed !== 'disconnect';
	if (deed !== 'reconnect' && row.isConnectionWanted === isWanted) return accountViewOf(app, row);
	const still = deed === 'connect' ? null : await requireStandstill(app, userId, accountId, `${deed} it`);
	const publish = await app.db.traderTransaction(userId, async (tx) => {
		if (still) await requireNoCommandSince(tx, still);
		const { count } = await tx.mt5Account.updateMany({
			where: { id: accountId, userId, status: 'ACTIVE' },
			data: {
				isConnectionWanted: isWanted,
				...(deed === 'reconnect' ? { reconnectAskedAt: app.now() } : {})
			}
		});
		if (count === 0) throw notFound('The account');
		await writeAudit(tx, {
			userId,
			action: `account.${deed}`,
			target: { type: 'account', id: accountId },
			origin: caller.origin,
			detail: {}
		});
		return appendAccountsEvent(tx, app.hub, userId, { reason: 'connection', accountIds: [accountId] });
	});
	publish();
	await app.agents.syncAccounts([accountId]);
	return requireAccountView(app, userId, accountId);
}

/** The same for every active account of the trader: one that refuses keeps no other. */
export async function setConnectionOfAll(
	app: App,
	caller: Caller,
	deed: Exclude<ConnectionDeed, 'reconnect'>
): Promise<ConnectionDeedView> {
	await app.core.others.watch(caller.userId);
	const rows = await readAccounts(app.db.pool, caller.userId);
	const accounts: ConnectionDeedView['accounts'] = [];
	for (const row of rows.filter(({ status }) => status === 'ACTIVE')) {
		const { id: accountId, accountNumber, name, broker } = row;
		const whose = { accountId, accountNumber, name, broker };
		try {
			const { connection } = await setConnection(app, caller, accountId, deed);
			accounts.push({ ...whose, ok: true, connection, error: null });
		} catch (error) {
			const { code, message, status } = toAppError(error);
			if (status >= 500) app.logger.error({ err: error, accountId, deed }, 'an account could not be changed');
			const { connection } = accountView(row, app.reports);
			accounts.push({ ...whose, ok: false, connection, error: { code, message } });
		}
	}
	const done = accounts.filter(({ ok }) => ok).length;
	return { done, failed: accounts.length - done, accounts };
}

async function accountViewOf(app: App, row: AccountRow): Promise<AccountView> {
	await app.core.others.watch(row.userId);
	return accountView(row, app.reports);
}

function requireAble(app: App, row: AccountRow, deed: ConnectionDeed): void {
	if (row.status !== 'ACTIVE')
		throw new AppError(
			'ACCOUNT_NOT_ACTIVE',
			'This account is not active, so no terminal runs for it. Activate it first.'
		);
	if (deed === 'connect' || row.agentId === null) return;
	const agent = row.agentName ?? '';
	if (row.canAgentDisconnect !== true)
		throw new AppError(
			'CONNECTION_REFUSED',
			`The agent ${agent} is too old to ${deed} an account. Ask the operator to update it, or deactivate the account instead.`
		);
	if (deed === 'reconnect' && app.agents.routeOf(row.agentId) === 'none')
		throw new AppError(
			'CONNECTION_REFUSED',
			`The agent ${agent} is not connected, so nothing can be reconnected. When it is back, it looks after the terminal by itself.`
		);
}
