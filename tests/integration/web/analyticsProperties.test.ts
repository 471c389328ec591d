/** What PostgreSQL computes and what the domain computes are one truth: compared on random histories. */
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { amountOf, byTime, type Deal, type TradingDeal } from '#lib/domain/metrics/deal.ts';
import { maxDrawdown } from '#lib/domain/metrics/drawdown.ts';
import { growthIndex } from '#lib/domain/metrics/growth.ts';
import { Decimal, sum, ZERO } from '#lib/domain/metrics/money.ts';
import { sumsOfTrade } from '#lib/domain/metrics/tradeStats.ts';
import { tradesOfPosition } from '#lib/domain/metrics/trades.ts';
import { readBalanceFalls } from '#lib/server/analytics/balanceFalls.ts';
import { readMoney, sumOfDays } from '#lib/server/analytics/readMoney.ts';
import { addSums, noTrades, readTrades, type AccountTrades } from '#lib/server/analytics/readTrades.ts';
import { createTestDatabase } from '../../support/database.ts';
import { aDeal, storeDeals } from '../../support/deals.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;
let accounts = 0;

beforeAll(async () => {
	database = await createTestDatabase();
	pool = new pg.Pool({ connectionString: database.url, max: 3 });
	await pool.query(
		`INSERT INTO "User" (id, email, name, "passwordHash") VALUES (gen_random_uuid(), 'a@example.test', 'a', '')`
	);
});
afterAll(async () => {
	await pool.end();
	await database.drop();
});

async function newAccount(): Promise<string> {
	const { rows } = await pool.query<{ id: string }>(
		`INSERT INTO "Mt5Account" (id, "userId", "accountNumber", "serverName", broker, name, "updatedAt")
		 SELECT gen_random_uuid(), id, $1, 'S', 'B', 'n', now() FROM "User" RETURNING id`,
		[String(++accounts)]
	);
	return rows[0]?.id ?? '';
}

const START = Date.parse('2026-03-02T00:00:00Z');
const HOUR = 3_600_000;
const amount = fc.integer({ min: -200_000, max: 200_000 }).map((n) => new Decimal(n).div(1000).toFixed());
const small = fc.integer({ min: -9000, max: 500 }).map((n) => new Decimal(n).div(1000).toFixed());

/** Few positions and few moments, so that they meet: partial exits, new entries, turns, and ties in time. */
const someDeal = fc.record({
	kind: fc.constantFrom(
		'trade' as const,
		'trade' as const,
		'trade' as const,
		'flow' as const,
		'charge' as const,
		'credit' as const
	),
	entry: fc.constantFrom(
		'in' as const,
		'in' as const,
		'out' as const,
		'out' as const,
		'out_by' as const,
		'inout' as const
	),
	side: fc.constantFrom('buy' as const, 'sell' as const),
	position: fc.integer({ min: 1, max: 5 }),
	lots: fc.integer({ min: 1, max: 300 }).map((n) => new Decimal(n).div(100).toFixed()),
	at: fc
		.integer({ min: 0, max: 40 })
		.map((n) => new Date(START + n * 7 * HOUR + (n % 3) * 331).toISOString()),
	profit: amount,
	swap: small,
	commission: small,
	fee: fc.constantFrom('0', '-0.07')
});
const history = fc.array(someDeal, { maxLength: 24 }).map((parts) => parts.map((part) => aDeal(part)));
/** An opening deposit, so that there is capital in most of them. */
const deposit = () => aDeal({ kind: 'flow', profit: '1000', at: '2026-03-01T00:00:00Z' });
const range = fc
	.tuple(fc.integer({ min: -1, max: 12 }), fc.integer({ min: 1, max: 14 }))
	.map(([first, days]) => ({
		from: new Date(START + first * 24 * HOUR),
		until: new Date(START + (first + days) * 24 * HOUR)
	}));

/** Sums by the domain alone. */
function tradesByDomain(deals: readonly Deal[], from: Date, until: Date): AccountTrades {
	const sums = noTrades();
	const trading = deals.filter((deal): deal is TradingDeal => deal.kind === 'trade');
	for (const position of new Set(trading.map(({ positionId }) => positionId)))
		for (const trade of tradesOfPosition(trading.filter(({ positionId }) => positionId === position))
			.trades) {
			const at = new Date(trade.closedAtMs);
			if (at < from || at >= until) continue;
			addSums(sums.symbol, trade.symbol, sumsOfTrade(trade));
			addSums(sums.hour, String(at.getUTCHours()), sumsOfTrade(trade));
			addSums(sums.day, at.toISOString().slice(0, 10), sumsOfTrade(trade));
		}
	return sums;
}

const printed = (trades: AccountTrades | undefined) =>
	Object.entries(trades ?? {}).map(([dimension, sums]) => [
		dimension,
		[...(sums as AccountTrades['day'])]
			.sort(([a], [b]) => a.localeCompare(b))
			.map((one) => JSON.stringify(one))
	]);

describe('D3: figures of random histories are the same from PostgreSQL and from the domain', () => {
	it('sums over trades, with partial exits, new entries, turns and entries before the range', async () => {
		await fc.assert(
			fc.asyncProperty(history, range, async (deals, { from, until }) => {
				const id = await newAccount();
				await storeDeals(database.url, id, deals);
				const found = await readTrades(pool, [id], from, until);
				expect(printed(found.get(id))).toEqual(printed(tradesByDomain(deals, from, until)));
			}),
			{ numRuns: 60 }
		);
	});

	it('the balance at the start, the sums of money, and the deepest fall in money and in percent', async () => {
		await fc.assert(
			fc.asyncProperty(history, range, async (random, { from, until }) => {
				const deals = [deposit(), ...random].sort(byTime);
				const id = await newAccount();
				await storeDeals(database.url, id, deals);
				const isInside = ({ timeMs }: Deal) => timeMs >= from.getTime() && timeMs < until.getTime();
				// A credit is none of the balance.
				const ofBalance = deals.filter(({ kind }) => kind !== 'credit');
				const inside = ofBalance.filter(isInside);

				const money = (await readMoney(pool, [id], from, until)).get(id);
				const opening = sum(ofBalance.filter(({ timeMs }) => timeMs < from.getTime()).map(amountOf));
				expect(money?.opening.toFixed()).toBe(opening.toFixed());
				expect(sumOfDays(money?.days.values() ?? []).netProfit.toFixed()).toBe(
					sum(inside.filter(({ kind }) => kind !== 'flow').map(amountOf)).toFixed()
				);

				let balance = opening;
				let profit = ZERO;
				const periods = inside.map((deal) => {
					const isFlow = deal.kind === 'flow';
					const change = amountOf(deal);
					const flow = isFlow ? change : ZERO;
					const start = balance;
					balance = balance.plus(change);
					profit = profit.plus(isFlow ? ZERO : change);
					return {
						atMs: deal.timeMs,
						start,
						end: balance,
						deposits: Decimal.max(flow, ZERO),
						withdrawals: Decimal.max(flow.neg(), ZERO),
						profit
					};
				});
				const origin = { atMs: from.getTime(), value: ZERO };
				const inMoney = maxDrawdown([
					origin,
					...periods.map((one) => ({ atMs: one.atMs, value: one.profit }))
				]);
				const fall = (
					await readBalanceFalls(pool, [{ key: 'x', accountIds: [id], opening }], from, until)
				).get('x');
				expect(fall?.money.toFixed() ?? null).toBe(inMoney?.depth.toFixed() ?? null);

				// What is left of nothing has no percent: the growth of an account that lost more than all is left out.
				if (fall && periods.every(({ start, end }) => start.gt(0) && end.gt(0))) {
					const index = [{ ...origin, value: new Decimal(1) }, ...growthIndex(periods)];
					const inShare = maxDrawdown(index, 'share')?.share ?? ZERO;
					expect(fall.share?.toNumber()).toBeCloseTo(inShare.toNumber(), 9);
				}
			}),
			{ numRuns: 60 }
		);
	});

	it('a balance that was lost twice has fallen by all of it, in whatever account', async () => {
		const id = await newAccount();
		await storeDeals(database.url, id, [
			aDeal({ kind: 'flow', profit: '1000', at: '2026-03-03T00:00:00Z' }),
			aDeal({ position: 1, profit: '-2000', at: '2026-03-03T01:00:00Z' }),
			aDeal({ position: 2, profit: '-10', at: '2026-03-03T02:00:00Z' }),
			aDeal({ kind: 'flow', profit: '3000', at: '2026-03-03T03:00:00Z' }),
			aDeal({ position: 3, profit: '-5000', at: '2026-03-03T04:00:00Z' })
		]);
		const scope = { key: 'x', accountIds: [id], opening: ZERO };
		const falls = await readBalanceFalls(pool, [scope], new Date(START), new Date(START + 48 * HOUR));
		expect(falls.get('x')?.money.toFixed()).toBe('7010');
		expect(falls.get('x')?.share?.toNumber()).toBe(1);
	});
});
