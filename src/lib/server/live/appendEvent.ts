import type { StreamEvents } from '#lib/domain/views.ts';
import type { Tx } from '../db.ts';
import type { EventHub } from './eventHub.ts';

/**
 * Stores an "accounts changed" event in the transaction of the change. The increment of the user's counter
 * locks the user's row until the commit, so numbers appear in the order of the commits, without gaps.
 * @returns what to call after the commit, so that open streams hear of it
 */
export async function appendAccountsEvent(
	tx: Tx,
	hub: EventHub,
	userId: string,
	body: StreamEvents['accounts']
): Promise<() => void> {
	const { eventSeq } = await tx.user.update({
		where: { id: userId },
		data: { eventSeq: { increment: 1 } },
		select: { eventSeq: true }
	});
	await tx.liveEvent.create({
		data: { userId, seq: eventSeq, type: 'accounts', payload: { ...body } }
	});
	return () => hub.publish({ userId, seq: eventSeq, messages: [{ name: 'accounts', body }] });
}
