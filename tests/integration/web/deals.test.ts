/** D4: deals as agents tell them, on their way into the database: each exactly once, and with them their days. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_FRAME_BYTES } from '#lib/domain/limits.ts';
import type { TradingDeal } from '#lib/domain/metrics/deal.ts';
import { Decimal, sum } from '#lib/domain/metrics/money.ts';
import { tradesOfPosition } from '#lib/domain/metrics/trades.ts';
import { MOST_DEALS_PER_FRAME, type SentDeal, type SentOperation } from '#lib/protocol/deals.ts';
import { openDatabase, type Database } from '#lib/server/db.ts';
import { dealBatch } from '#lib/server/deals/dealBatch.ts';
import { storeDeals } from '#lib/server/deals/storeDeals.ts';
import { query } from '../../support/database.ts';
import { arrangeScene, type Scene } from '../../support/scene.ts';
import { ScriptedAgent } from '../../support/scriptedAgent.ts';
import { waitFor } from '../../support/waitFor.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let web: WebServer;
let db: Database;
beforeAll(async () => {
	web = await startWebServer();
	db = openDatabase(web.databaseUrl, 4, () => undefined);
});
afterAll(async () => {
	await db.close();
	await web.stop();
});

/** 2026-03-10 12:00 UTC, on a clock two hours ahead. */
const NOON_MS = Date.UTC(2026, 2, 10, 14);
const HOUR_MS = 3_600_000;

function deal(ticket: number | string, more: Partial<SentDeal> = {}): SentDeal {
	return {
		ticket: String(ticket),
		serverTimeMs: NOON_MS,
		gmtOffsetMin: 120,
		positionId: '1',
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
		reason: 3,
		...more
	};
}
const deposit = (ticket: number, amount: string, more: Partial<SentOperation> = {}): SentOperation => ({
	ticket: String(ticket),
	serverTimeMs: NOON_MS,
	gmtOffsetMin: 120,
	type: 2,
	amount,
	comment: '',
	...more
});

let batches = 0;
/** Sends a batch and waits until it is stored. */
async function tell(
	agent: ScriptedAgent,
	accountId: string,
	deals: SentDeal[],
	operations: SentOperation[] = []
): Promise<void> {
	const batch = ++batches;
	agent.send({ type: 'deals', accountId, epoch: 1, batch, deals, operations });
	await agent.next('deals_stored', (frame) => frame.batch === batch);
}
const stored = (accountId: string) =>
	query<Record<string, unknown>>(
		web.databaseUrl,
		`SELECT *, ticket::text AS ticket FROM "Deal" WHERE "accountId" = $1 ORDER BY "Deal".ticket`,
		[accountId]
	);
const days = (accountId: string) =>
	query<Record<string, string>>(
		web.databaseUrl,
		`SELECT day::text, trim_scale("netProfit")::text AS net, trim_scale("grossProfit")::text AS won,
		   trim_scale("grossLoss")::text AS lost, trades, wins, losses, trim_scale(deposits)::text AS deposits,
		   trim_scale(withdrawals)::text AS withdrawals, trim_scale(lots)::text AS lots
		 FROM "DailyPerformance" WHERE "accountId" = $1 ORDER BY day`,
		[accountId]
	);
const idOf = (scene: Scene, at = 0): string => scene.accounts[at]?.id ?? '';

describe('D4: deals from the agent', () => {
	it('D4: a credit is stored as one, and no deposit and no profit of its day', async () => {
		const scene = await arrangeScene(web, 1);
		const id = idOf(scene);
		await tell(
			scene.agent,
			id,
			[],
			[
				deposit(1, '1000.00'),
				deposit(2, '300.00', { type: 3 }),
				deposit(3, '50.00', { type: 6 }),
				deposit(4, '-350.00', { type: 20 }),
				deposit(5, '12.00', { type: 19 }),
				deposit(6, '-4.00', { type: 17 }),
				// Of a day with nothing else.
				deposit(7, '100.00', { type: 3, serverTimeMs: NOON_MS + 24 * HOUR_MS })
			]
		);
		expect((await stored(id)).map(({ kind }) => kind)).toEqual([
			'flow',
			'credit',
			'credit',
			'credit',
			'flow',
			'charge',
			'credit'
		]);
		expect(await days(id)).toMatchObject([
			{ day: '2026-03-10', net: '-4', deposits: '1012', withdrawals: '0', trades: 0 }
		]);
	});

	it('D4: are stored as the broker booked them, with raw time, offset and the moment in UTC', async () => {
		const scene = await arrangeScene(web, 1);
		const id = idOf(scene);
		const most = (2n ** 64n - 1n).toString();
		await tell(
			scene.agent,
			id,
			[deal(most, { positionId: most, profit: '-0.00000001', price: '123456789012345.12345678', magic: -5 })],
			[deposit(1, '1000.00', { comment: 'D-SWIFT', gmtOffsetMin: 180 })]
		);
		const [flow, trade] = await stored(id);
		expect(trade).toMatchObject({
			ticket: most,
			kind: 'trade',
			type: 0,
			entry: 'in',
			positionId: most,
			symbol: 'EURUSD',
			side: 'buy',
			lots: '0.10',
			price: '123456789012345.12345678',
			profit: '-0.00000001',
			magic: '-5',
			reason: 3,
			serverTimeMs: String(NOON_MS),
			gmtOffsetMin: 120,
			at: new Date('2026-03-10T12:00:00Z')
		});
		expect(flow).toMatchObject({
			kind: 'flow',
			type: 2,
			profit: '1000.00',
			comment: 'D-SWIFT',
			positionId: null,
			at: new Date('2026-03-10T11:00:00Z')
		});
	});

	it('D4: are there once, however often they are told, and what the broker corrected is corrected', async () => {
		const scene = await arrangeScene(web, 1);
		const id = idOf(scene);
		const first = [deal(1), deal(2, { entry: 'out', side: 'sell', profit: '10.00' })];
		await tell(scene.agent, id, first);
		await tell(scene.agent, id, first);
		await tell(scene.agent, id, [...first, ...first]);
		expect(await stored(id)).toHaveLength(2);
		expect(await days(id)).toMatchObject([{ net: '10', trades: 1 }]);
		// Its time stays as first told: that was seen when it happened.
		const corrected = deal(2, { entry: 'out', side: 'sell', profit: '9.50', gmtOffsetMin: 180 });
		await tell(scene.agent, id, [corrected]);
		expect((await stored(id))[1]).toMatchObject({ profit: '9.50', gmtOffsetMin: 120 });
		expect(await days(id)).toMatchObject([{ net: '9.5', won: '9.5' }]);
	});

	it('D4: of an account that is another’s, or under an epoch that is over, are dropped and logged', async () => {
		const [mine, other] = [await arrangeScene(web, 1), await arrangeScene(web, 1)];
		const frame = { type: 'deals', batch: 1, deals: [deal(1)], operations: [] } as const;
		mine.agent.send({ ...frame, accountId: idOf(other), epoch: 1, deals: [...frame.deals], operations: [] });
		mine.agent.send({ ...frame, accountId: idOf(mine), epoch: 2, deals: [...frame.deals], operations: [] });
		await tell(mine.agent, idOf(mine), [deal(7)]);
		expect(await stored(idOf(other))).toEqual([]);
		expect((await stored(idOf(mine))).map(({ ticket }) => ticket)).toEqual(['7']);
		const noted = await waitFor('both to be noted', async () => {
			const rows = await query(
				web.databaseUrl,
				`SELECT 1 FROM "SystemLog" WHERE "agentId" = $1 AND detail->>'code' = 'foreign_account'`,
				[mine.enrolled.agentId]
			);
			return rows.length === 2 && rows;
		});
		expect(noted).toHaveLength(2);
	});

	it('D4: of an account that moved between the frame and its commit are not stored', async () => {
		const scene = await arrangeScene(web, 1);
		const owner = { agentId: scene.enrolled.agentId, accountId: idOf(scene), epoch: 1 };
		const frame = { deals: [deal(1)], operations: [] };
		const now = Date.now();
		const right = dealBatch(owner, frame, now);
		const late = dealBatch({ ...owner, epoch: 2 }, { deals: [deal(2)], operations: [] }, now);
		expect(await storeDeals(db, [late, right])).toEqual(new Set([right]));
		expect((await stored(owner.accountId)).map(({ ticket }) => ticket)).toEqual(['1']);
	});

	it('D4: of a time that cannot be are refused, the others of their batch are not', async () => {
		const scene = await arrangeScene(web, 1);
		const id = idOf(scene);
		const never = [
			deal(1, { serverTimeMs: 0 }),
			deal(2, { serverTimeMs: Date.now() + 3 * 86_400_000 }),
			deal(3)
		];
		await tell(scene.agent, id, never);
		expect((await stored(id)).map(({ ticket }) => ticket)).toEqual(['3']);
	});

	it('D4: a frame with too many of them, or larger than the line takes, is not heard', async () => {
		const scene = await arrangeScene(web, 1);
		const id = idOf(scene);
		const many = Array.from({ length: MOST_DEALS_PER_FRAME + 1 }, (_, i) => deal(i + 1));
		scene.agent.send({ type: 'deals', accountId: id, epoch: 1, batch: 1, deals: many, operations: [] });
		await tell(scene.agent, id, [deal(500)]);
		expect(await stored(id)).toHaveLength(1);
		const text = 'x'.repeat(MAX_FRAME_BYTES);
		const huge = { ...deal(1), symbol: text };
		scene.agent.send({ type: 'deals', accountId: id, epoch: 1, batch: 1, deals: [huge], operations: [] });
		expect((await scene.agent.closed).code).toBe(1009);
		expect(await stored(id)).toHaveLength(1);
	});

	it('D4: are there once when the server dies between commit and acknowledgement', async () => {
		const scene = await arrangeScene(web, 1);
		const id = idOf(scene);
		await web.restart('SIGKILL', {
			QUINTET_FAULT_TESTS: 'true',
			QUINTET_CRASH_AT: 'deals-committed'
		});
		const agent = await ScriptedAgent.connect(scene.enrolled);
		const frame = { type: 'deals', accountId: id, epoch: 1, batch: 1, operations: [] } as const;
		const exit = [deal(1), deal(2, { entry: 'out', side: 'sell', profit: '3.00' })];
		agent.send({ ...frame, deals: exit, operations: [] });
		await web.ended();
		expect(agent.framesOf('deals_stored')).toEqual([]);
		await web.restart();
		const again = await ScriptedAgent.connect(scene.enrolled);
		await tell(again, id, exit);
		expect(await stored(id)).toHaveLength(2);
		expect(await days(id)).toMatchObject([{ net: '3', trades: 1 }]);
	});
});

describe('D4: the sums of a day', () => {
	it('D4: count the trades closed on it, the costs paid on it, and no flow as profit', async () => {
		const scene = await arrangeScene(web, 1);
		const id = idOf(scene);
		const next = { serverTimeMs: NOON_MS + 24 * HOUR_MS };
		await tell(
			scene.agent,
			id,
			[
				deal(1, { lots: '0.30', commission: '-0.90' }),
				deal(2, { entry: 'out', side: 'sell', lots: '0.10', profit: '10.00', swap: '-0.10', ...next }),
				deal(3, { entry: 'out', side: 'sell', lots: '0.20', profit: '-5.00', fee: '-0.05', ...next })
			],
			[deposit(4, '1000.00'), deposit(5, '-200.00', next), deposit(6, '-1.50', { ...next, type: 4 })]
		);
		expect(await days(id)).toEqual([
			expect.objectContaining({
				day: '2026-03-10',
				net: '-0.9',
				trades: 0,
				deposits: '1000',
				withdrawals: '0',
				lots: '0'
			}),
			{
				day: '2026-03-11',
				net: '3.35',
				won: '9.6',
				lost: '-5.65',
				trades: 2,
				wins: 1,
				losses: 1,
				deposits: '0',
				withdrawals: '200',
				lots: '0.3'
			}
		]);
	});

	it('D4: change with a late deal, also on the days of the trades that it changes', async () => {
		const scene = await arrangeScene(web, 1);
		const id = idOf(scene);
		const out = { entry: 'out', side: 'sell', profit: '1.00' } as const;
		await tell(scene.agent, id, [deal(2, { ...out, serverTimeMs: NOON_MS + 48 * HOUR_MS })]);
		expect(await days(id)).toMatchObject([{ day: '2026-03-12', won: '1', lost: '0' }]);
		await tell(scene.agent, id, [deal(1, { commission: '-1.50' })]);
		expect(await days(id)).toMatchObject([
			{ day: '2026-03-10', net: '-1.5', trades: 0 },
			{ day: '2026-03-12', net: '1', won: '0', lost: '-0.5', losses: 1 }
		]);
	});

	it('D4: are those of the written formulas, in whatever order and pieces the deals arrive', async () => {
		const scene = await arrangeScene(web, 5);
		const accounts = scene.accounts.map(({ id }) => id);
		const cents = fc.integer({ min: -9_999, max: 9_999 }).map((n) => (n / 100).toFixed(2));
		const deals = fc.array(
			fc.record({
				positionId: fc.integer({ min: 1, max: 4 }).map(String),
				side: fc.constantFrom('buy' as const, 'sell' as const),
				entry: fc.constantFrom(
					'in' as const,
					'in' as const,
					'out' as const,
					'out_by' as const,
					'inout' as const
				),
				lots: fc.integer({ min: 1, max: 30 }).map((n) => (n / 100).toFixed(2)),
				profit: cents,
				swap: cents,
				commission: cents,
				fee: cents,
				serverTimeMs: fc.integer({ min: 0, max: 95 }).map((h) => NOON_MS + h * HOUR_MS)
			}),
			{ minLength: 1, maxLength: 25 }
		);
		let run = 0;
		await fc.assert(
			fc.asyncProperty(deals, fc.infiniteStream(fc.nat()), async (drawn, chance) => {
				const accountId = accounts[run++ % accounts.length] ?? '';
				for (const table of ['Deal', 'Trade', 'DailyPerformance'])
					await query(web.databaseUrl, `DELETE FROM "${table}" WHERE "accountId" = $1`, [accountId]);
				const sent = drawn.map((more, i) => deal(i + 1, more));
				const owner = { agentId: scene.enrolled.agentId, accountId, epoch: 1 };
				const left = [...sent];
				while (left.length > 0) {
					const part = [...Array(1 + ((chance.next().value ?? 0) % 6))].flatMap(() =>
						left.splice((chance.next().value ?? 0) % Math.max(1, left.length), 1)
					);
					await storeDeals(db, [dealBatch(owner, { deals: part, operations: [] }, Date.now())]);
				}
				const found = await days(accountId);
				expect(
					found.map(({ day, net, won, lost, trades, lots }) => ({ day, net, won, lost, trades, lots }))
				).toEqual(daysByTheBook(sent));
			}),
			{ numRuns: 40 }
		);
	});
});

/** The same sums by the code that the formulas are proven on. */
function daysByTheBook(sent: readonly SentDeal[]) {
	const dayOf = (clockMs: number): string => new Date(clockMs - 2 * HOUR_MS).toISOString().slice(0, 10);
	const deals = sent.map((each): TradingDeal => ({
		kind: 'trade',
		ticket: BigInt(each.ticket),
		timeMs: each.serverTimeMs,
		positionId: BigInt(each.positionId),
		symbol: each.symbol,
		side: each.side,
		entry: each.entry,
		volumeLots: new Decimal(each.lots),
		profit: new Decimal(each.profit),
		swap: new Decimal(each.swap),
		commission: new Decimal(each.commission),
		fee: new Decimal(each.fee)
	}));
	const trades = [...Map.groupBy(deals, ({ positionId }) => positionId).values()].flatMap(
		(each) => tradesOfPosition(each).trades
	);
	const text = (amounts: Decimal[]): string => sum(amounts).toFixed();
	return [...new Set(deals.map(({ timeMs }) => dayOf(timeMs)))].sort().map((day) => {
		const nets = trades.filter(({ closedAtMs }) => dayOf(closedAtMs) === day);
		const ofDay = deals.filter(({ timeMs }) => dayOf(timeMs) === day);
		return {
			day,
			net: text(ofDay.map((each) => each.profit.plus(each.swap).plus(each.commission).plus(each.fee))),
			won: text(nets.filter(({ net }) => net.gt(0)).map(({ net }) => net)),
			lost: text(nets.filter(({ net }) => net.lt(0)).map(({ net }) => net)),
			trades: nets.length,
			lots: text(nets.map(({ volumeLots }) => volumeLots))
		};
	});
}
