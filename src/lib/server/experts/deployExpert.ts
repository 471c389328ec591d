import { uploadedPath } from '#lib/domain/expertFile.ts';
import type { ExpertListView } from '#lib/domain/expertViews.ts';
import type { App, Caller } from '../app.ts';
import { writeAudit } from '../audit/writeAudit.ts';
import { requireStepUp } from '../auth/stepUp.ts';
import { notFound } from '../errors.ts';
import { appendAccountsEvent } from '../live/appendEvent.ts';
import { readExperts } from './readExperts.ts';

/**
 * These accounts are to run this version. Their agents fetch it at once, and load it with the next Start: what runs
 * goes on as it is. A real account needs the password anew, since this changes what the next Start trades with.
 * @throws AppError NOT_FOUND, STEP_UP_REQUIRED
 */
export async function deployExpert(
	app: App,
	caller: Caller,
	expertId: string,
	accountIds: readonly string[]
): Promise<ExpertListView> {
	const { userId } = caller;
	const ids = [...new Set(accountIds)];
	const publish = await app.db.traderTransaction(userId, async (tx) => {
		const expert = await tx.expertFile.findFirst({
			where: { id: expertId, userId },
			select: { name: true, sha256: true }
		});
		if (!expert) throw notFound('The EA');
		const { name, sha256 } = expert;
		const chosen = { id: { in: ids }, userId };
		const accounts = await tx.mt5Account.findMany({ where: chosen, select: { kind: true } });
		if (accounts.length < ids.length) throw notFound('One of the accounts');
		if (accounts.some(({ kind }) => kind === 'REAL')) requireStepUp(app, caller, 'real_expert');
		await tx.mt5Account.updateMany({
			where: chosen,
			data: { expertFileId: expertId, expertPath: uploadedPath(name, sha256) }
		});
		await writeAudit(tx, {
			userId,
			action: 'expert.deploy',
			target: { type: 'expert', id: expertId },
			origin: caller.origin,
			detail: { name, sha256, accountIds: ids }
		});
		return appendAccountsEvent(tx, app.hub, userId, { reason: 'updated', accountIds: ids });
	});
	publish();
	await app.agents.syncAccounts(ids);
	return readExperts(app, userId);
}
