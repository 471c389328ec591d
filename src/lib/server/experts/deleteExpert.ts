import type { App, Caller } from '../app.ts';
import { writeAudit } from '../audit/writeAudit.ts';
import { AppError, notFound } from '../errors.ts';

/**
 * Forgets a version that no account is to run. Copies in terminals stay: one of them may be on a chart.
 * @throws AppError NOT_FOUND, EXPERT_IN_USE
 */
export async function deleteExpert(app: App, { userId, origin }: Caller, expertId: string): Promise<void> {
	await app.db.traderTransaction(userId, async (tx) => {
		const expert = await tx.expertFile.findFirst({
			where: { id: expertId, userId },
			select: { name: true, sha256: true }
		});
		if (!expert) throw notFound('The EA');
		// Deploying holds the same lock, so none comes in between.
		const users = await tx.mt5Account.findMany({
			where: { expertFileId: expertId, userId },
			select: { name: true },
			orderBy: { name: 'asc' }
		});
		if (users.length > 0)
			throw new AppError(
				'EXPERT_IN_USE',
				`${users.map(({ name }) => name).join(', ')} ${users.length === 1 ? 'is' : 'are'} to run this version. Deploy another one there first, or name another EA in the account’s settings.`
			);
		await tx.expertFile.delete({ where: { id: expertId } });
		const { name, sha256 } = expert;
		await writeAudit(tx, {
			userId,
			action: 'expert.delete',
			target: { type: 'expert', id: expertId },
			origin,
			detail: { name, sha256 }
		});
	});
}
