import type { App, Caller } from '../app.ts';
import { writeAudit } from '../audit/writeAudit.ts';
import { notFound } from '../errors.ts';
import { appendAccountsEvent } from '../live/appendEvent.ts';
import { requireNoCommandSince, requireStandstill } from './algoGuard.ts';

/**
 * Removes an account, once its algo is proven to stand still; its terminal is closed and wiped by the agent, which is
 * asked until it has proven that. Its commands stay in the history. The
 * primary's role goes to the oldest of the others.
 * @throws AppError NOT_FOUND, ALGO_RUNNING
 */
export async function deleteAccount(app: App, caller: Caller, accountId: string): Promise<void> {
	const { userId } = caller;
	const row = await requireStandstill(app, userId, accountId, 'delete it');
	const publish = await app.db.traderTransaction(userId, async (tx) => {
		await requireNoCommandSince(tx, row);
		const { count } = await tx.mt5Account.deleteMany({ where: { id: accountId, userId } });
		if (count === 0) throw notFound('The account');
		if (row.agentId !== null && row.epoch !== null) {
			// Asked until it is proven: the agent may be away just now.
			const release = { epoch: row.epoch, reason: 'deleted', provenAt: null };
			await tx.accountRelease.upsert({
				where: { accountId_agentId: { accountId, agentId: row.agentId } },
				create: { accountId, agentId: row.agentId, ...release },
				update: release
			});
		}
		if (row.isPrimary) {
			const heir = await tx.mt5Account.findFirst({
				where: { userId },
				orderBy: { createdAt: 'asc' },
				select: { id: true }
			});
			if (heir) await tx.mt5Account.update({ where: { id: heir.id }, data: { isPrimary: true } });
		}
		await writeAudit(tx, {
			userId,
			action: 'account.delete',
			target: { type: 'account', id: accountId },
			origin: caller.origin,
			detail: { accountNumber: row.accountNumber, serverName: row.serverName }
		});
		return appendAccountsEvent(tx, app.hub, userId, { reason: 'deleted', accountIds: [accountId] });
	});
	publish();
	app.live.forget(accountId);
	if (row.agentId !== null && row.epoch !== null) app.agents.removeAccount(row.agentId, accountId, row.epoch);
}
