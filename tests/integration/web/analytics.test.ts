import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AggregateView, ComparisonView, SummaryView } from '#lib/domain/analyticsViews.ts';
import { ApiClient } from '../../support/client.ts';
import { query } from '../../support/database.ts';
import { aDeal, aRoundTrip, storeDeals } from '../../support/deals.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let web: WebServer;
let trader: ApiClient;
let other: ApiClient;
/** Two accounts in dollars and one in euros; and another trader's. */
let first: string;
let second: string;
let euro: string;
let foreign: string;

const WEEK = 'from=2026-03-02&to=2026-03-08';

beforeAll(async () => {
	web = await startWebServer();
	trader = new ApiClient(web.origin);
	other = new ApiClient(web.origin);
	await trader.register('trader@example.test');
	await other.register('other@example.test');
	first = (await trader.addAccount('1001')).id;
	second = (await trader.addAccount('1002')).id;
	euro = (await trader.addAccount('1003', { currency: 'EUR' })).id;
	foreign = (await other.addAccount('2001')).id;

	await storeDeals(web.databaseUrl, first, [
		aDeal({ kind: 'flow', profit: '1000', at: '2026-02-27T09:00:00Z' }),
		// Opened on the Friday before, closed on Monday at 10: 100 − 3.50 − 3.50 = 93.
		...aRoundTrip(1, '2026-02-27T10:00:00Z', '2026-03-02T10:00:00Z', {
			profit: '100',
			commission: '-3.5',
			entryCommission: '-3.5'
		}),
		// Tuesday at 10: −50 − 2.10 of swap − 0.40 of fee = −52.50, held for 2 h.
		...aRoundTrip(2, '2026-03-03T08:00:00Z', '2026-03-03T10:30:00Z', {
			profit: '-50',
			swap: '-2.1',
			fee: '-0.4',
			symbol: 'XAUUSD',
			lots: '0.1'
		}),
		// Wednesday: money in, and a charge. Thursday at 15: 20, and money out.
		aDeal({ kind: 'flow', profit: '500', at: '2026-03-04T12:00:00Z' }),
		aDeal({ kind: 'charge', profit: '-1.5', at: '2026-03-04T12:00:00Z' }),
		...aRoundTrip(3, '2026-03-05T14:00:00Z', '2026-03-05T15:00:00Z', { profit: '20' }),
		aDeal({ kind: 'flow', profit: '-200', at: '2026-03-05T16:00:00Z' }),
		// Opened in the range, closed after it: none of its trades.
		...aRoundTrip(4, '2026-03-06T14:00:00Z', '2026-03-09T00:00:00Z', { profit: '999', entryCommission: '-7' })
	]);
	await storeDeals(web.databaseUrl, second, [
		aDeal({ kind: 'flow', profit: '2000', at: '2026-03-02T00:00:00Z' }),
		...aRoundTrip(1, '2026-03-03T09:00:00Z', '2026-03-03T10:00:00Z', { profit: '-30.25' })
	]);
	await storeDeals(web.databaseUrl, euro, [
		aDeal({ kind: 'flow', profit: '100', at: '2026-03-02T00:00:00Z' }),
		...aRoundTrip(1, '2026-03-03T09:00:00Z', '2026-03-03T10:00:00Z', { profit: '7' })
	]);
	await storeDeals(web.databaseUrl, foreign, [aDeal({ profit: '123456', at: '2026-03-03T10:00:00Z' })]);
});
afterAll(() => web.stop());

const aggregate = async (search: string, who = trader) =>
	(await who.get<AggregateView>(`/api/analytics/aggregate?${search}`)).body;

describe('D3: GET /api/analytics/aggregate', () => {
	it('gives every figure of a week worked by hand, with deposits kept out and all costs counted', async () => {
		const { range, totalAccounts, accounts } = await aggregate(`${WEEK}&account_ids=${first}`);
		expect(range).toEqual({ from: '2026-03-02', to: '2026-03-08' });
		expect(totalAccounts).toBe(1);
		expect(accounts[0]?.figures).toEqual({
			trades: 3,
			wins: 2,
			losses: 1,
			lots: '2.1',
			grossProfit: '113',
			grossLoss: '-52.5',
			winRate: '0.66666667',
			profitFactor: '2.15238095',
			expectancy: '20.16666667',
			averageWin: '56.5',
			averageLoss: '-52.5',
			bestTrade: '93',
			worstTrade: '-52.5',
			// 72 h + 2.5 h + 1 h over three trades.
			averageHoldingMs: (75.5 / 3) * 3_600_000,
			// The entry of −3.50 was paid the week before, the one of −7 is paid and has no trade yet:
			// 96.50 − 52.50 − 1.50 + 20 − 7.
			netProfit: '55.5',
			swap: '-2.1',
			commission: '-10.5',
			fee: '-0.4',
			deposits: '500',
			withdrawals: '200',
			// Balances: 996.50 → 1093 → 1040.50; 1539 of 1540.50; 1559; 1352 of 1359.
			gain: expect.stringMatching(/^0\.0/) as string,
			balanceDrawdown: { money: '54', share: expect.any(String) as string },
			equityDrawdown: null,
			recoveryFactor: '1.02777778',
			// Fewer than twenty days say nothing.
			sharpe: null,
			sortino: null
		});
		const gain = (1093 / 996.5) * (1040.5 / 1093) * (1539 / 1540.5) * (1559 / 1539) * (1352 / 1359) - 1;
		expect(Number(accounts[0]?.figures.gain)).toBeCloseTo(gain, 8);
		// From 1093 to 1040.50, and by the charge of 1.50 on the 1540.50 that there were then.
		expect(Number(accounts[0]?.figures.balanceDrawdown?.share)).toBeCloseTo(
			1 - (1040.5 / 1093) * (1539 / 1540.5),
			8
		);
	});

	it('groups by symbol, hour and weekday, and gives the days with their balances', async () => {
		const { groups } = await aggregate(`${WEEK}&account_ids=${first}`);
		const [group] = groups;
		const net = (slices: { key: string; trades: number; net: string }[] | undefined) =>
			slices?.map((slice) => [slice.key, slice.trades, slice.net]);
		expect(net(group?.bySymbol)).toEqual([
			['EURUSD', 2, '113'],
			['XAUUSD', 1, '-52.5']
		]);
		expect(net(group?.byHour)).toEqual([
			['10', 2, '40.5'],
			['15', 1, '20']
		]);
		expect(net(group?.byWeekday)).toEqual([
			['1', 1, '93'],
			['2', 1, '-52.5'],
			['4', 1, '20']
		]);
		expect(group?.openingBalance).toBe('996.5');
		expect(group?.days.map(({ day, netProfit, balance }) => [day, netProfit, balance])).toEqual([
			['2026-03-02', '96.5', '1093'],
			['2026-03-03', '-52.5', '1040.5'],
			['2026-03-04', '-1.5', '1539'],
			['2026-03-05', '20', '1359'],
			['2026-03-06', '-7', '1352']
		]);
	});

	it('adds up accounts of one currency and never two currencies', async () => {
		const { groups, accounts, totalAccounts, connectedAccounts } = await aggregate(WEEK);
		expect({ totalAccounts, connectedAccounts }).toEqual({ totalAccounts: 3, connectedAccounts: 0 });
		expect(accounts.map(({ figures }) => figures.netProfit).sort()).toEqual(['-30.25', '55.5', '7']);
		expect(
			groups.map(({ currency, accounts: count, figures }) => [
				currency,
				count,
				figures.netProfit,
				figures.trades
			])
		).toEqual([
			['USD', 2, '25.25', 4],
			['EUR', 1, '7', 1]
		]);
		// Together −52.50, then −30.25 half an hour before it: one fall, from 96.50 of profit.
		expect(groups[0]?.figures.balanceDrawdown?.money).toBe('84.25');
		expect(groups[0]?.standing).toMatchObject({ balance: null, seenAccounts: 0, isStale: false });
		const euros = await aggregate(`${WEEK}&currency=eur`);
		expect(euros.accounts.map(({ id }) => id)).toEqual([euro]);
	});

	it('counts a trade when it is closed: a day alone, the days beside it, and all of time', async () => {
		const trades = async (search: string) =>
			(await aggregate(`account_ids=${first}&${search}`)).accounts[0]?.figures.trades;
		expect(await trades('from=2026-03-02&to=2026-03-02')).toBe(1);
		expect(await trades('from=2026-02-27&to=2026-03-01')).toBe(0);
		expect(await trades('from=2026-03-09&to=2026-03-09')).toBe(1);
		expect(await trades('days=all')).toBe(4);
		expect(await trades('days=1')).toBe(0);
	});

	it('has a late deal of a past day in its figures', async () => {
		const account = (await trader.addAccount('1004')).id;
		await storeDeals(web.databaseUrl, account, [
			aDeal({ kind: 'flow', profit: '100', at: '2026-03-02T00:00:00Z' }),
			aDeal({ position: 9, profit: '10', at: '2026-03-04T00:00:00Z' })
		]);
		const search = `account_ids=${account}&from=2026-03-03&to=2026-03-04`;
		expect((await aggregate(search)).groups[0]?.days.map(({ balance }) => balance)).toEqual(['110']);
		await storeDeals(web.databaseUrl, account, [
			aDeal({ position: 9, entry: 'in', commission: '-1', at: '2026-03-02T23:00:00Z' }),
			aDeal({ position: 8, profit: '5', at: '2026-03-03T23:59:59.999Z' })
		]);
		const { groups, accounts } = await aggregate(search);
		expect(groups[0]?.openingBalance).toBe('99');
		expect(groups[0]?.days.map(({ balance }) => balance)).toEqual(['104', '114']);
		// The commission that came late is a cost of the trade that closed the position.
		expect(accounts[0]?.figures).toMatchObject({ bestTrade: '9', averageHoldingMs: 25 * 3_600_000 });
		await trader.send('DELETE', `/api/user/mt5-accounts/${account}`);
	});

	it('measures the fall of the equity by the snapshots, and takes no withdrawal for one', async () => {
		const snapshot = (at: string, equity: string) =>
			query(
				web.databaseUrl,
				`INSERT INTO "AccountSnapshot" ("accountId", at, balance, equity, "floatingProfit", margin, "openPositions", "openLots")
				 VALUES ($1, $2, 0, $3, 0, 0, 0, 0)`,
				[second, at, equity]
			);
		await storeDeals(web.databaseUrl, second, [
			aDeal({ kind: 'flow', profit: '-1000', at: '2026-03-04T10:00:00Z' })
		]);
		await snapshot('2026-03-03T10:00:00Z', '1900');
		await snapshot('2026-03-03T11:00:00Z', '2100');
		await snapshot('2026-03-04T11:00:00Z', '995');
		const { accounts } = await aggregate(`${WEEK}&account_ids=${second}`);
		// 2100 − 1000 paid out left 1100; 995 is 105 below that: 5 % of 2100.
		expect(accounts[0]?.figures.equityDrawdown).toEqual({ money: '105', share: '0.05' });
	});
});

describe('D3: GET /api/analytics/comparison and summary', () => {
	it('shows accounts beside each other as growth from the start of the range', async () => {
		const { body } = await trader.get<ComparisonView>(
			`/api/analytics/comparison?from=2026-03-02&to=2026-03-03&account_ids=${second},${euro}`
		);
		expect(body.accounts.map(({ accountNumber, growth }) => [accountNumber, growth])).toEqual([
			[
				'1002',
				[
					{ day: '2026-03-02', gain: '0' },
					{ day: '2026-03-03', gain: '-0.015125' }
				]
			],
			[
				'1003',
				[
					{ day: '2026-03-02', gain: '0' },
					{ day: '2026-03-03', gain: '0.07' }
				]
			]
		]);
	});

	it('sums up in a few figures', async () => {
		const { body } = await trader.get<SummaryView>(`/api/analytics/summary?${WEEK}`);
		expect(body.groups[0]).toMatchObject({ currency: 'USD', trades: 4, netProfit: '25.25', winRate: '0.5' });
		expect(body.accounts).toHaveLength(3);
	});
});

describe.each(['aggregate', 'comparison', 'summary', 'equity'])('D3: GET /api/analytics/%s', (name) => {
	const address = `/api/analytics/${name}`;

	it('answers 404 for an unknown account and for another trader’s, also beside an own one', async () => {
		for (const ids of [randomUUID(), foreign, `${first},${foreign}`, 'no-id', 'a,b'])
			expect(await trader.refusal('GET', `${address}?account_ids=${ids}`), ids).toMatchObject({
				status: 404,
				code: 'NOT_FOUND'
			});
	});

	it('gives nobody the deals of another', async () => {
		const { body } = await trader.get<AggregateView>(`${address}?${WEEK}`);
		expect(JSON.stringify(body)).not.toContain('123456');
		expect(JSON.stringify((await other.get<unknown>(`${address}?${WEEK}`)).body)).toContain('123456');
	});

	it.each([
		'days=0',
		'days=x',
		'from=yesterday',
		'days=3&from=2026-01-01',
		'from=2026-02-02&to=2026-02-01',
		'from=2026-01-01&to=9999-12-31',
		'x=1'
	])('refuses %s with 400', async (search) => {
		expect(await trader.refusal('GET', `${address}?${search}`)).toMatchObject({
			status: 400,
			code: 'VALIDATION'
		});
	});
});

describe('D3: the Analytics page', () => {
	const html = (path: string) => trader.send<string>('GET', path, undefined, { accept: 'text/html' });

	it('shows the figures of a range without JavaScript, and leads on from an empty one', async () => {
		const page = await html(`/analytics?${WEEK}`);
		expect(page.status).toBe(200);
		for (const text of ['+25.25', '+7.00', 'XAUUSD', 'Tuesday', 'March 2026', '50.00 %'])
			expect(page.body).toContain(text);
		expect(page.body).not.toContain('123,456');
		const empty = await html('/analytics?from=2020-01-01&to=2020-01-02');
		expect(empty.body).toContain('No deals in these days');
		expect(empty.body).toContain('href="/analytics?days=all"');
		// Any days can be asked for, of the accounts that are looked at.
		const chosen = await html(`/analytics?${WEEK}&account_ids=${first}`);
		expect(chosen.body).toMatch(/<input type="hidden" name="account_ids" value="[^"]+"/);
		expect(chosen.body).toMatch(/<input type="date" name="from"[^>]* value="2026-03-02"/);
	});

	it('leads on when there is no account', async () => {
		const newcomer = new ApiClient(web.origin);
		await newcomer.register('newcomer@example.test');
		for (const path of ['/analytics', '/analytics/deals', '/activity', '/activity/system'])
			expect(
				(await newcomer.send<string>('GET', path, undefined, { accept: 'text/html' })).body,
				path
			).toContain('href="/accounts?open=add"');
	});

	it('D4: lists the deals, with the file of what the filter shows', async () => {
		const page = await html('/analytics/deals?symbol=XAUUSD');
		expect(page.body).toContain('−50.00');
		expect(page.body).toContain('href="/api/deals.csv?symbol=XAUUSD"');
		expect((await html('/analytics/deals?symbol=NONE')).body).toContain('No such deals');
	});

	it('is not found for another trader’s account, and says what is wrong with a range', async () => {
		for (const path of ['/analytics', '/analytics/deals'])
			expect((await html(`${path}?account_ids=${foreign}`)).status, path).toBe(404);
		const refused = await html('/analytics?days=none');
		expect(refused.status).toBe(400);
		expect(refused.body).toContain('Give days as a whole number');
		expect(refused.body).toContain('Open the page anew');
		expect((await html('/analytics?tag=Nobody')).body).toContain(
			'An account with the tag Nobody was not found.'
		);
	});
});
