/** D1, D3: balance and equity as a curve, with nothing drawn where nothing was seen. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AggregateView, EquityView } from '#lib/domain/analyticsViews.ts';
import { ApiClient } from '../../support/client.ts';
import { query } from '../../support/database.ts';
import { aDeal, storeDeals } from '../../support/deals.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

const DAY_MS = 86_400_000;
const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
/** A moment so many days ago, in UTC. */
const moment = (daysAgo: number, time: string) =>
	`${new Date(today - daysAgo * DAY_MS).toISOString().slice(0, 10)}T${time}Z`;
const day = (daysAgo: number) => moment(daysAgo, '').slice(0, 10);

let web: WebServer;
let trader: ApiClient;
beforeAll(async () => {
	web = await startWebServer();
	trader = new ApiClient(web.origin);
	await trader.register('curve@example.test');
});
afterAll(() => web.stop());

let nextNumber = 5001;
const newAccount = async (settings: Record<string, unknown> = {}) =>
	(await trader.addAccount(String(nextNumber++), settings)).id;
const see = (accountId: string, seen: readonly (readonly [string, string])[]) =>
	query(
		web.databaseUrl,
		`INSERT INTO "AccountSnapshot" ("accountId", at, balance, equity, "floatingProfit", margin, "openPositions", "openLots")
		 SELECT $1, at, 0, equity, 0, 0, 0, 0 FROM unnest($2::timestamptz[], $3::numeric[]) AS s(at, equity)`,
		[accountId, seen.map(([at]) => at), seen.map(([, equity]) => equity)]
	);
const curvesOf = async (search: string) =>
	(await trader.get<EquityView>(`/api/analytics/equity?${search}`)).body;
const curveOf = async (search: string) => (await curvesOf(search)).curves[0];
const pointAt = (curve: EquityView['curves'][number] | undefined, at: string) =>
	curve?.points.find((point) => Date.parse(point.at) === Date.parse(at));

describe('D3: GET /api/analytics/equity', () => {
	it('has each slot’s balance by the deals and the equity that was seen last in it', async () => {
		const account = await newAccount();
		await storeDeals(web.databaseUrl, account, [
			aDeal({ kind: 'flow', profit: '1000', at: moment(5, '08:00:00') }),
			aDeal({ profit: '40', at: moment(4, '10:20:00') }),
			aDeal({ kind: 'flow', profit: '-300', at: moment(4, '12:00:00') })
		]);
		await see(account, [
			[moment(4, '10:00:00'), '1010'],
			[moment(4, '10:15:00'), '1015'],
			[moment(4, '10:30:00'), '1020'],
			[moment(4, '10:45:00'), '1030']
		]);
		const search = `account_ids=${account}&from=${day(4)}&to=${day(1)}`;
		const { stepMs } = await curvesOf(search);
		expect(stepMs).toBe(15 * 60_000);
		const curve = await curveOf(search);
		expect(curve?.points).toHaveLength((4 * DAY_MS) / stepMs);
		expect(pointAt(curve, moment(4, '10:00:00'))).toMatchObject({
			balance: '1000',
			equity: '1010',
			flow: null
		});
		expect(pointAt(curve, moment(4, '10:15:00'))).toMatchObject({ balance: '1040', equity: '1015' });
		expect(pointAt(curve, moment(4, '12:00:00'))).toEqual({
			at: new Date(moment(4, '12:00:00')).toISOString(),
			balance: '740',
			equity: null,
			fall: null,
			flow: '-300',
			credit: null,
			isAfterGap: false
		});
		// Nothing was heard of it since its last deal, so that nothing is claimed.
		expect(pointAt(curve, moment(4, '12:15:00'))?.balance).toBeNull();
	});

	it('breaks the line where nothing was seen, also within a slot', async () => {
		const account = await newAccount();
		const quarters = Array.from({ length: 40 }, (_, n) => {
			const at = new Date(Date.parse(moment(20, '00:00:00')) + n * 15 * 60_000).toISOString();
			return [at, String(1000 + n)] as const;
		});
		// Unseen from 02:00 for an hour, and from 07:00 for two and a half.
		await see(
			account,
			quarters.filter((_, n) => !(n > 8 && n < 12) && !(n > 28 && n < 38))
		);
		const curve = await curveOf(`account_ids=${account}&from=${day(29)}&to=${day(0)}`);
		const broken = curve?.points.filter(({ isAfterGap }) => isAfterGap).map(({ at }) => at.slice(11, 16));
		expect(broken).toEqual(['03:00', '09:00']);
		expect(pointAt(curve, moment(20, '08:00:00'))).toMatchObject({ equity: null });
	});

	it('marks the deepest fall as the figures give it, and takes no withdrawal for one', async () => {
		const account = await newAccount();
		await storeDeals(web.databaseUrl, account, [
			aDeal({ kind: 'flow', profit: '2000', at: moment(6, '00:00:00') }),
			aDeal({ kind: 'flow', profit: '-1000', at: moment(4, '10:00:00') })
		]);
		await see(account, [
			[moment(5, '10:00:00'), '1900'],
			[moment(5, '11:00:00'), '2100'],
			[moment(4, '11:00:00'), '995'],
			[moment(3, '11:00:00'), '1050']
		]);
		const search = `account_ids=${account}&from=${day(6)}&to=${day(1)}`;
		const curve = await curveOf(search);
		expect(curve?.deepest).toEqual({
			at: new Date(moment(4, '11:00:00')).toISOString(),
			money: '105',
			share: '0.05'
		});
		const { body } = await trader.get<AggregateView>(`/api/analytics/aggregate?${search}`);
		expect(body.accounts[0]?.figures.equityDrawdown).toEqual({ money: '105', share: '0.05' });
	});

	it('adds up accounts only at moments at which all were seen, and names those it is without', async () => {
		const settings = { tags: ['Pair'] };
		const [one, two] = [await newAccount(settings), await newAccount(settings)];
		const never = await newAccount({ ...settings, name: 'Never seen' });
		expect(never).toBeTruthy();
		await see(one, [
			[moment(3, '10:00:00'), '100'],
			[moment(3, '10:15:00'), '110'],
			[moment(3, '10:30:00'), '120']
		]);
		await see(two, [
			[moment(3, '10:03:00'), '1000'],
			[moment(3, '10:30:00'), '1001']
		]);
		const curve = await curveOf(`tag=pair&from=${day(6)}&to=${day(1)}`);
		expect(curve?.accounts).toHaveLength(2);
		expect(curve?.leftOut).toEqual([{ name: 'Never seen', why: 'unseen' }]);
		const seen = curve?.points.filter(({ equity }) => equity !== null);
		expect(seen?.map(({ at, equity, isAfterGap }) => [at.slice(11, 16), equity, isAfterGap])).toEqual([
			['10:00', '1100', false],
			['10:30', '1121', true]
		]);
	});

	it('takes money paid out between two accounts’ snapshots of one minute for no fall', async () => {
		const settings = { tags: ['Minute'] };
		const [one, two] = [await newAccount(settings), await newAccount(settings)];
		await storeDeals(web.databaseUrl, one, [
			aDeal({ kind: 'flow', profit: '-500', at: moment(1, '10:00:07') })
		]);
		await see(one, [
			[moment(1, '10:00:05'), '1000'],
			[moment(1, '10:01:05'), '500']
		]);
		await see(two, [
			[moment(1, '10:00:09'), '2000'],
			[moment(1, '10:01:09'), '2000']
		]);
		const curve = await curveOf(`tag=minute&from=${day(1)}&to=${day(0)}`);
		expect(pointAt(curve, moment(1, '10:00:00'))).toMatchObject({ equity: '2500', flow: '-500' });
		expect(curve?.deepest).toBeNull();
	});

	it('has a credit in the equity and in nothing else, and takes neither giving nor taking it for a gain or a fall', async () => {
		const account = await newAccount();
		await storeDeals(web.databaseUrl, account, [
			aDeal({ kind: 'flow', profit: '1000', at: moment(5, '08:00:00') }),
			aDeal({ kind: 'credit', profit: '500', at: moment(4, '10:20:00') }),
			aDeal({ position: 1, profit: '-150', at: moment(4, '10:40:00') }),
			aDeal({ kind: 'credit', profit: '-500', at: moment(4, '10:50:00') }),
			aDeal({ kind: 'charge', profit: '-1', at: moment(3, '10:00:00') })
		]);
		await see(account, [
			[moment(4, '10:15:00'), '1000'],
			[moment(4, '10:30:00'), '1500'],
			[moment(4, '10:45:00'), '1350'],
			[moment(4, '11:00:00'), '850'],
			[moment(3, '11:00:00'), '849']
		]);
		const search = `account_ids=${account}&from=${day(4)}&to=${day(1)}`;
		const curve = await curveOf(search);
		expect(pointAt(curve, moment(4, '10:15:00'))).toMatchObject({
			balance: '1000',
			flow: null,
			credit: '500',
			equity: '1000'
		});
		expect(pointAt(curve, moment(4, '10:45:00'))).toMatchObject({ balance: '850', credit: '-500' });
		expect(pointAt(curve, moment(4, '11:00:00'))).toMatchObject({ credit: null, fall: { money: '150' } });
		// 150 of the 1500 that were at work, and 1 of 850.
		expect(curve?.deepest).toMatchObject({ money: '151', share: '0.10105882' });
		const { body } = await trader.get<AggregateView>(`/api/analytics/aggregate?${search}`);
		expect(body.groups[0]?.openingBalance).toBe('1000');
		expect(body.accounts[0]?.figures).toMatchObject({
			netProfit: '-151',
			deposits: '0',
			withdrawals: '0',
			gain: '-0.151',
			balanceDrawdown: { money: '151', share: '0.151' },
			equityDrawdown: { money: '151', share: '0.10105882' }
		});
		// As slots of days, too.
		const days = await curveOf(`account_ids=${account}&days=365`);
		expect(pointAt(days, moment(4, '00:00:00'))).toMatchObject({ balance: '850', flow: null, credit: '0' });
	});

	it('is of the days for a long range, by the sums that are kept of them', async () => {
		const account = await newAccount();
		await storeDeals(web.databaseUrl, account, [
			aDeal({ kind: 'flow', profit: '500', at: moment(200, '09:00:00') }),
			aDeal({ profit: '-20', at: moment(199, '09:00:00') })
		]);
		await see(account, [
			[moment(200, '23:59:00'), '500'],
			[moment(199, '23:59:00'), '475']
		]);
		const curve = await curveOf(`account_ids=${account}&days=365`);
		expect(pointAt(curve, moment(200, '00:00:00'))).toMatchObject({
			balance: '500',
			flow: '500',
			equity: '500'
		});
		expect(pointAt(curve, moment(199, '00:00:00'))).toMatchObject({
			balance: '480',
			equity: '475',
			isAfterGap: false
		});
	});
});

describe('D1: analytics of a group', () => {
	it('is of the accounts with the tag, in capitals or not, and 404 without any', async () => {
		await newAccount({ tags: ['Swing'], name: 'Tagged' });
		const { body } = await trader.get<AggregateView>('/api/analytics/aggregate?tag=SWING');
		expect(body.accounts.map(({ name }) => name)).toEqual(['Tagged']);
		expect(await trader.refusal('GET', '/api/analytics/aggregate?tag=nobody')).toMatchObject({ status: 404 });
		expect(
			await trader.refusal('GET', `/api/analytics/aggregate?tag=swing&account_ids=${body.accounts[0]?.id}`)
		).toMatchObject({ status: 400 });
	});
});
