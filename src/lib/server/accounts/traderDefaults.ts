import type { EaSettingsPatch, TraderDefaults } from '#lib/domain/eaSettings.ts';
import type { App, Caller } from '../app.ts';
import { writeAudit } from '../audit/writeAudit.ts';
import { notFound } from '../errors.ts';
import { appendAccountsEvent } from '../live/appendEvent.ts';

const select = { maxLotSize: true, maxLoss: true, safetyMode: true, closePositionsOnStop: true } as const;

/** The EA settings a trader's accounts share (F5). */
export async function readDefaults(app: App, userId: string): Promise<TraderDefaults> {
	const user = await app.db.prisma.user.findFirst({ where: { id: userId }, select });
	if (!user) throw notFound('The user');
	return { ...user, maxLotSize: user.maxLotSize.toFixed(2), maxLoss: user.maxLoss.toFixed(2) };
}

/** Changes some of them. They reach an EA with the next Start. */
export async function updateDefaults(
	app: App,
	caller: Caller,
	patch: EaSettingsPatch
): Promise<TraderDefaults> {
	const { userId } = caller;
	const publish = await app.db.traderTransaction(userId, async (tx) => {
		// zod writes a missing field as undefined, which Prisma leaves alone.
		await tx.user.update({ where: { id: userId }, data: patch as { [K in keyof EaSettingsPatch]-?: never } });
		await writeAudit(tx, { userId, action: 'settings.update', origin: caller.origin, detail: { ...patch } });
		return appendAccountsEvent(tx, app.hub, userId, { reason: 'settings', accountIds: [] });
	});
	publish();
	return readDefaults(app, userId);
}
