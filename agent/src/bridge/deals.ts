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
	/** Tickets seen within the last day before it, with their time. */
	seen: Array<[ticket: string, timeMs: number]>;
}

export const NO_DEALS_SEEN: DealCursor = { newestMs: 0, seen: [] };
/** As far back as tickets are remembered. */
export const DAY_OVERLAP_MS = 86_400_000;
/** More pages than this is a bridge that does not come to an end. */
const MOST_PAGES = 10_000;

/** A page of the history, without what was seen before. */
export interface NewDeals {
	deals: Deal[];
	operations: AccountOperation[];
	/** Knows this page and all before it: keep it only together with their deals. */
	cursor: DealCursor;
	/** How many deals the terminal has from the reading's beginning on. */
	historyDeals: number;
	/** The broker's clock when the page was read, and how far it is ahead of UTC. */
	clockMs: number;
	gmtOffsetMin: number;
}

/**
 * Everything that `cursor` has not seen, oldest first, a page at a time; the next page is asked for when it is wanted.
 * @param options.overlapMs how far before the newest deal to look once more; beyond a day nothing is known by its
 *   ticket any more, and comes again
 * @throws BridgeTimeout and BridgeRefusal as the channel does; then the cursor of the page before still holds
 */
export async function* readNewDeals(
	channel: Pick<BridgeChannel, 'request'>,
	cursor: DealCursor,
	options: { timeoutMs: number; signal?: AbortSignal; overlapMs?: number }
): AsyncGenerator<NewDeals, void, undefined> {
	const { overlapMs = DAY_OVERLAP_MS, ...limit } = options;
	const seen = new Map(cursor.seen);
	let { newestMs } = cursor;
	const isNew = ({ ticket, timeMs }: { ticket: string; timeMs: number }): boolean => {
		if (seen.has(ticket)) return false;
		seen.set(ticket, timeMs);
		newestMs = Math.max(newestMs, timeMs);
		return true;
	};
	let place: BridgeRequest<'deals'> | null = {
		sinceMs: Math.max(0, cursor.newestMs - overlapMs),
		afterTicket: '0'
	};
	for (let page = 0; place && page < MOST_PAGES; page++) {
		const answer: BridgeAnswer<'deals'> = await channel.request('deals', place, limit);
		const deals = answer.deals.filter(isNew);
		const operations = answer.operations.filter(isNew);
		for (const [ticket, timeMs] of seen) if (timeMs < newestMs - DAY_OVERLAP_MS) seen.delete(ticket);
		const { historyDeals, serverTime, gmtOffsetMin } = answer;
		yield {
			deals,
			operations,
			cursor: { newestMs, seen: [...seen] },
			historyDeals,
			clockMs: serverTime * 1_000,
			gmtOffsetMin
		};
		place = answer.next;
	}
}
