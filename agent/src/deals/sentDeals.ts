/** What the bridge told, as it goes to the server: with the offset of the broker's clock, in frames of a bounded size. */
import { brokerOffsetMin, type SeenOffset } from '#lib/domain/brokerClock.ts';
import {
	MOST_DEALS_PER_FRAME,
	sentDealSchema,
	sentOperationSchema,
	type SentDeal,
	type SentOperation
} from '#lib/protocol/deals.ts';
import { type NewDeals } from '../bridge/deals.ts';

/** Half of the frame limit (MAX_FRAME_BYTES), since characters may take more than one byte. */
const MOST_CHARS = 32 * 1024;

export interface DealParts {
	deals: SentDeal[];
	operations: SentOperation[];
}

/** A broker writes what it likes; the wire takes neither control characters nor halves of a character. */
const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cs}]/gu, '');

/** @param onUnreadable hears of what cannot be told, and why; it is left out */
export function sentDeals(
	{ deals, operations }: Pick<NewDeals, 'deals' | 'operations'>,
	offsets: readonly SeenOffset[],
	onUnreadable: (ticket: string, why: string) => void
): DealParts[] {
	const parts: DealParts[] = [];
	let room = 0;
	let left = 0;
	const into = (item: SentDeal | SentOperation): DealParts => {
		const size = JSON.stringify(item).length;
		let part = parts.at(-1);
		if (!part || left === 0 || size > room) {
			part = { deals: [], operations: [] };
			parts.push(part);
			room = MOST_CHARS;
			left = MOST_DEALS_PER_FRAME;
		}
		room -= size;
		left -= 1;
		return part;
	};
	const moment = ({ ticket, timeMs }: { ticket: string; timeMs: number }) => ({
		ticket,
		serverTimeMs: timeMs,
		gmtOffsetMin: brokerOffsetMin(offsets, timeMs)
	});
	for (const deal of deals) {
		const sent = sentDealSchema.safeParse({ ...deal, symbol: plain(deal.symbol), ...moment(deal) });
		if (sent.success) into(sent.data).deals.push(sent.data);
		else onUnreadable(deal.ticket, sent.error.message);
	}
	for (const operation of operations) {
		const { type, amount, comment } = operation;
		const body = { type, amount, comment: plain(comment), ...moment(operation) };
		const sent = sentOperationSchema.safeParse(body);
		if (sent.success) into(sent.data).operations.push(sent.data);
		else onUnreadable(operation.ticket, sent.error.message);
	}
	return parts;
}
