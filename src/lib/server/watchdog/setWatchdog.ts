import { z } from 'zod';
import type { WatchdogView } from '#lib/domain/views.ts';
import type { App, Caller } from '../app.ts';
import { writeAudit } from '../audit/writeAudit.ts';
import { notFound } from '../errors.ts';
import { appendAccountsEvent } from '../live/appendEvent.ts';
import { readWatchdog } from './readIncidents.ts';

export const watchdogSchema = z.strictObject({ action: z.enum(['start', 'stop']) });

/**
 * Switches the watchdog of one account. Starting it, also when it is on already, closes a circuit that opened after
 * too many restarts: it tries again. Stopping it leaves the terminal and its EA as they are.
 * @throws AppError NOT_FOUND
 */
export async function setWatchdog(
	app: App,
	caller: Caller,
	accountId: string,
	action: 'start' | 'stop'
): Promise<WatchdogView> {
	const { userId } = caller;
	const isOn = action === 'start';
	const publish = await app.db.traderTransaction(userId, async (tx) => {
		const { count } = await tx.mt5Account.updateMany({
			where: { id: accountId, userId },
			data: { isWatchdogOn: isOn, ...(isOn ? { watchdogAskedAt: app.now() } : {}) }
		});
		if (count === 0) throw notFound('The account');
		await writeAudit(tx, {
			userId,
			action: `watchdog.${action}`,
			target: { type: 'account', id: accountId },
			origin: caller.origin,
			detail: {}
		});
		return appendAccountsEvent(tx, app.hub, userId, { reason: 'watchdog', accountIds: [accountId] });
	});
	publish();
	await app.agents.syncAccounts([accountId]);
	return readWatchdog(app, userId, accountId);
}
