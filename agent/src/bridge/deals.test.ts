import { describe, expect, it } from 'vitest';
import { type BridgeAnswer, type BridgeRequest, type Deal } from './contract.ts';
import { NO_DEALS_SEEN, readNewDeals, type DealCursor } from './deals.ts';
import { type BridgeChannel } from '../terminal/ports.ts';

const HOUR_MS = 3_600_000;
const deal = (ticket: number, timeMs: number): Deal => ({
	ticket: ticket.toString(),
	order: '1',
	positionId: '1',
	timeMs,
	side: 'buy',
	entry: 'in',
	symbol: 'EURUSD',
	lots: '0.10',
	price: '1.08400',
	profit: '0.00',
	swap: '0.00',
	commission: '0.00',
	fee: '0.00',
	magic: 7,
	positionMagic: 7,
	reason: 3
});

/** A bridge with this history, which tells it two deals a page. */
function bridgeWith(history: Deal[]) {
	const asked: BridgeRequest<'deals'>[] = [];
	const request = async (_verb: string, args: BridgeRequest<'deals'>): Promise<BridgeAnswer<'deals'>> => {
		asked.push(args);
		const after = history
			.filter(
				({ timeMs, ticket }) =>
					timeMs > args.sinceMs || (timeMs === args.sinceMs && Number(ticket) > Number(args.afterTicket))
			)
			.sort((a, b) => a.timeMs - b.timeMs || Number(a.ticket) - Number(b.ticket));
		const page = after.slice(0, 2);
		const last = page.at(-1);
		return {
			deals: page,
			operations: [],
			next: last && after.length > 2 ? { sinceMs: last.timeMs, afterTicket: last.ticket } : null,
			historyDeals: history.length,
			serverTime: 0,
			gmtOffsetMin: 120
		};
	};
	return { asked, channel: { request: request as never } };
}
/** Reads to the end. */
async function readAll(channel: Pick<BridgeChannel, 'request'>, cursor: DealCursor) {
	const deals: Deal[] = [];
	let last = cursor;
	for await (const page of readNewDeals(channel, cursor, { timeoutMs: 1_000 })) {
		deals.push(...page.deals);
		last = page.cursor;
	}
	return { deals, cursor: last };
}

describe('reading deals', () => {
	it('gives each deal once, over pages and from one reading to the next', async () => {
		const history = [1, 2, 3, 4, 5].map((n) => deal(n, n * HOUR_MS));
		const { channel } = bridgeWith(history);
		const first = await readAll(channel, NO_DEALS_SEEN);
		expect(first.deals.map(({ ticket }) => ticket)).toEqual(['1', '2', '3', '4', '5']);
		expect((await readAll(channel, first.cursor)).deals).toEqual([]);
		history.push(deal(6, 5 * HOUR_MS));
		const second = await readAll(channel, first.cursor);
		expect(second.deals.map(({ ticket }) => ticket)).toEqual(['6']);
	});

	it('finds what the broker adds to the past, within the overlap', async () => {
		const history = [deal(1, 10 * HOUR_MS), deal(9, 40 * HOUR_MS)];
		const { channel } = bridgeWith(history);
		const { cursor } = await readAll(channel, NO_DEALS_SEEN);
		history.push(deal(12, 20 * HOUR_MS), deal(11, 5 * HOUR_MS));
		const late = await readAll(channel, cursor);
		expect(late.deals.map(({ ticket }) => ticket)).toEqual(['12']);
	});

	it('pages through many deals of the same millisecond', async () => {
		const { channel } = bridgeWith([1, 2, 3, 4, 5].map((ticket) => deal(ticket, HOUR_MS)));
		expect((await readAll(channel, NO_DEALS_SEEN)).deals).toHaveLength(5);
	});

	it('keeps no tickets from before the overlap', async () => {
		const { channel, asked } = bridgeWith([1, 2, 3, 4, 5].map((n) => deal(n, n * 10 * HOUR_MS)));
		const { cursor } = await readAll(channel, NO_DEALS_SEEN);
		expect(cursor).toEqual({
			newestMs: 50 * HOUR_MS,
			seen: [3, 4, 5].map((n) => [`${n}`, n * 10 * HOUR_MS])
		});
		await readAll(channel, cursor);
		expect(asked.at(-2)).toEqual({ sinceMs: 26 * HOUR_MS, afterTicket: '0' });
	});
});
