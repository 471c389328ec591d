/**
 * Reading an account's deals exactly once. The history is asked for with an overlap, because the broker may add
 * to the past and server time has jumps; what was seen is known by the deal's ticket.
 */
import { type BridgeChannel } from '../terminal/ports.ts';
import { type AccountOperation, type BridgeAnswer, type BridgeRequest, type Deal } from './contract.ts';

/** Plain values, so that it can be kept on disk. */
export interface DealCursor {
	/** Server time (ms) of the newest deal that was seen. */
	newestMs: number;
	/** Tickets seen within the overlap, with their time. */
	seen: Array<[ticket: string, timeMs: number]>;
}

export const NO_DEALS_SEEN: DealCursor = { newestMs: 0, seen: [] };
const DAY_MS = 86_400_000;
/** More pages than this is a bridge that does not come to an end. */
const MOST_PAGES = 10_000;

export interface NewDeals {
	deals: Deal[];
	operations: AccountOperation[];
	cursor: DealCursor;
}

/**
 * Everything that `cursor` has not seen, oldest first. Keep the new cursor only together with the deals.
 * @throws BridgeTimeout and BridgeRefusal as the channel does; then the old cursor still holds
 */
export async function readNewDeals(
	channel: Pick<BridgeChannel, 'request'>,
	cursor: DealCursor,
	options: { timeoutMs: number; signal?: AbortSignal; overlapMs?: number }
): Promise<NewDeals> {
	const { overlapMs = DAY_MS, ...limit } = options;
	const seen = new Map(cursor.seen);
	const deals: Deal[] = [];
	const operations: AccountOperation[] = [];
	const isNew = ({ ticket, timeMs }: { ticket: string; timeMs: number }): boolean => {
		if (seen.has(ticket)) return false;
		seen.set(ticket, timeMs);
		return true;
	};
	let place: BridgeRequest<'deals'> | null = {
		sinceMs: Math.max(0, cursor.newestMs - overlapMs),
		afterTicket: '0'
	};
	for (let page = 0; place && page < MOST_PAGES; page++) {
		const answer: BridgeAnswer<'deals'> = await channel.request('deals', place, limit);
		deals.push(...answer.deals.filter(isNew));
		operations.push(...answer.operations.filter(isNew));
		place = answer.next;
	}
	const newestMs = [...seen.values()].reduce((newest, timeMs) => Math.max(newest, timeMs), cursor.newestMs);
	const kept = [...seen].filter(([, timeMs]) => timeMs >= newestMs - overlapMs);
	return { deals, operations, cursor: { newestMs, seen: kept } };
}
