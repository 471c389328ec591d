import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DealView } from '#lib/domain/dealViews.ts';
import type { LogPageView } from '#lib/domain/logViews.ts';
import { ApiClient } from '../../support/client.ts';
import { aDeal, aRoundTrip, storeDeals } from '../../support/deals.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

const DEALS = '/api/deals';
let web: WebServer;
let trader: ApiClient;
let other: ApiClient;
let first: string;
let second: string;
let foreign: string;

const minute = (n: number) => new Date(Date.parse('2026-03-02T00:00:00Z') + n * 60_000).toISOString();
/** Tickets that both accounts have, at moments that they share. */
const manyDeals = () =>
	Array.from({ length: 60 }, (_, n) =>
		aDeal({
			ticket: n + 1,
			position: n + 1,
			entry: n % 2 === 0 ? 'in' : 'out',
			side: n % 3 === 0 ? 'buy' : 'sell',
			symbol: n % 4 === 0 ? 'XAUUSD' : 'EURUSD',
			at: minute(Math.floor(n / 3))
		})
	);

beforeAll(async () => {
	web = await startWebServer();
	trader = new ApiClient(web.origin);
	other = new ApiClient(web.origin);
	await trader.register('trader@example.test');
	await other.register('other@example.test');
	first = (await trader.addAccount('1001', { name: '=cmd|evil' })).id;
	second = (await trader.addAccount('1002')).id;
	foreign = (await other.addAccount('2001')).id;
	await storeDeals(web.databaseUrl, first, manyDeals());
	await storeDeals(web.databaseUrl, second, manyDeals());
	await storeDeals(
		web.databaseUrl,
		first,
		[aDeal({ ticket: 500, kind: 'flow', profit: '-1234.50', at: '2026-02-01T10:00:00Z' })],
		'@SUM(1+1)*cmd'
	);
	await storeDeals(web.databaseUrl, foreign, [aDeal({ profit: '987654', at: minute(1) })]);
});
afterAll(() => web.stop());

const page = async (search: string, who = trader) =>
	(await who.get<LogPageView<DealView>>(`${DEALS}?${search}`)).body;

async function walk(
	search: string,
	between: () => Promise<void> = async () => {},
	who = trader
): Promise<DealView[]> {
	const deals: DealView[] = [];
	let before: string | null = null;
	do {
		const { lines, nextCursor }: LogPageView<DealView> = await page(
			`${search}${before === null ? '' : `&before=${encodeURIComponent(before)}`}`,
			who
		);
		deals.push(...lines);
		before = nextCursor;
		if (before !== null) await between();
	} while (before !== null);
	return deals;
}

const keyOf = ({ at, ticket, account }: DealView) => `${at} ${ticket.padStart(20, '0')} ${account.id}`;

describe('D4: the deals of all accounts', () => {
	it('are in MetaTrader’s words, with the broker’s time beside ours', async () => {
		const [deal] = (await page('kind=flow')).lines;
		expect(deal).toEqual({
			account: {
				id: first,
				number: '1001',
				name: '=cmd|evil',
				kind: 'DEMO',
				currency: 'USD',
				currencyDigits: 2
			},
			ticket: '500',
			at: '2026-02-01T10:00:00.000Z',
			serverTime: '2026-02-01 12:00:00.000',
			kind: 'flow',
			type: 'balance',
			direction: null,
			positionId: null,
			symbol: null,
			lots: null,
			price: null,
			commission: '0',
			fee: '0',
			swap: '0',
			profit: '-1234.5',
			comment: '@SUM(1+1)*cmd'
		});
		const [newest] = (await page('')).lines;
		expect(newest).toMatchObject({ type: 'sell', direction: 'out', price: '1.10000' });
	});

	it.each(['newest', 'oldest'])(
		'come page by page, %s first, each once, also where moments are shared',
		async (sort) => {
			const keys = (await walk(`sort=${sort}`)).map(keyOf);
			expect(keys).toHaveLength(121);
			expect(new Set(keys).size).toBe(121);
			const sorted = keys.toSorted();
			expect(keys).toEqual(sort === 'newest' ? sorted.reverse() : sorted);
		}
	);

	it.each(['best', 'worst'])('come page by page, the %s first, each once', async (sort) => {
		const name = `trader-${sort}@example.test`;
		const who = new ApiClient(web.origin);
		await who.register(name);
		const accounts = [(await who.addAccount('3001')).id, (await who.addAccount('3002')).id];
		for (const account of accounts)
			await storeDeals(web.databaseUrl, account, [
				// Seven sums for 70 deals of each: ticket and account must settle the rest.
				...Array.from({ length: 70 }, (_, n) =>
					aDeal({ ticket: n + 1, position: n + 1, profit: `${((n * 37) % 7) - 3}.50`, at: minute(n) })
				),
				aDeal({ ticket: 900, kind: 'flow', profit: '100000', at: minute(0) })
			]);
		const deals = await walk(`sort=${sort}&kind=trade`, undefined, who);
		const all = await walk(`sort=${sort}`, undefined, who);
		expect(all).toHaveLength(142);
		expect(all.at(sort === 'best' ? 0 : -1)?.profit).toBe('100000');
		expect(new Set(deals.map(keyOf)).size).toBe(140);
		const sums = deals.map(({ profit }) => Number(profit));
		expect(sums).toEqual(sums.toSorted((a, b) => (sort === 'best' ? b - a : a - b)));
		expect((await walk(`sort=${sort}&kind=flow`, undefined, who)).map(({ profit }) => profit)).toEqual([
			'100000',
			'100000'
		]);
		expect((await page(`sort=${sort}&from=2026-03-02&to=2026-03-02`, who)).lines).toHaveLength(50);
	});

	it('are not repeated and not lost while new ones arrive', async () => {
		const before = (await walk('')).map(keyOf);
		let more = 1000;
		const walked = await walk('', () =>
			storeDeals(
				web.databaseUrl,
				second,
				aRoundTrip(++more, '2026-03-03T00:00:00Z', '2026-03-03T01:00:00Z', { profit: '1' })
			)
		);
		expect(walked.map(keyOf)).toEqual(before);
		expect((await walk('')).length).toBeGreaterThan(before.length);
	});

	it('are filtered by account, symbol, side, kind and day', async () => {
		const until = '&to=2026-03-02';
		const all = await walk(until);
		const count = async (search: string) => (await walk(search + until)).length;
		expect(await count(`account_ids=${second}`)).toBe(60);
		expect(await count('symbol=xauusd')).toBe(all.filter(({ symbol }) => symbol === 'XAUUSD').length);
		expect(await count('side=buy')).toBe(all.filter(({ type }) => type === 'buy').length);
		expect(await count('kind=trade&from=2026-03-02')).toBe(120);
		expect(await count('kind=flow&from=2026-03-02')).toBe(0);
		expect(await count(`side=buy&symbol=XAUUSD&account_ids=${first}`)).toBe(5);
	});

	it('are nobody else’s', async () => {
		expect(JSON.stringify(await walk(''))).not.toContain('987654');
		expect((await page('', other)).lines.map(({ profit }) => profit)).toEqual(['987654']);
		for (const ids of [foreign, `${first},${foreign}`, randomUUID(), 'none'])
			for (const path of [DEALS, `${DEALS}.csv`])
				expect((await trader.refusal('GET', `${path}?account_ids=${ids}`)).status, ids).toBe(404);
	});

	it.each([
		'side=long',
		'kind=x',
		'from=1',
		'before=now',
		`before=2026-01-01T00:00:00Z_1_x`,
		'page=2',
		'sort=profit',
		'from=2026-03-03&to=2026-03-02',
		// Places of another order.
		`sort=best&before=2026-01-01T00:00:00Z_1_${randomUUID()}`,
		`before=12.50_1_${randomUUID()}`,
		`sort=worst&before=1e9_1_${randomUUID()}`
	])('refuse %s with 400', async (search) => {
		expect(await trader.refusal('GET', `${DEALS}?${search}`)).toMatchObject({
			status: 400,
			code: 'VALIDATION'
		});
	});

	it('are saved as a CSV file in which no text is a formula and every number is one', async () => {
		const file = await trader.send<string>('GET', `${DEALS}.csv?account_ids=${first}&to=2026-03-02`);
		expect(file.headers.get('content-disposition')).toBe('attachment; filename="quintet-deals.csv"');
		const lines = file.body.trimEnd().split('\r\n');
		expect(lines).toHaveLength(1 + 61);
		expect(lines.at(-1)).toBe(
			"1001,'=cmd|evil,USD,2026-02-01T10:00:00.000Z,2026-02-01 12:00:00.000,500,,,balance,,,,0,0,0,-1234.5,'@SUM(1+1)*cmd"
		);
	});
});
