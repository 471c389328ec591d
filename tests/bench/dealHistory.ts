/**
 * A history of deals, written straight into the database with its trades and days, as the server writes them: positions of
 * one entry and one exit, every tenth closed in two parts, with commissions, swaps, winners and losers.
 */
import type pg from 'pg';

export const DAY_MS = 86_400_000;
const SYMBOLS = ['EURUSD', 'GBPUSD', 'USDJPY', 'XAUUSD', 'US500', 'BTCUSD'];
/** Of ten positions, nine have two deals and one has three. */
const DEALS_OF_TEN = 21;
const DEPOSIT = '100000';

export interface HistoryOrder {
	accountIds: readonly string[];
	/** Of each account; made of whole positions, so that there may be some more. */
	deals: number;
	from: Date;
	until: Date;
	/** Its positions and tickets begin here: histories of one account must not meet. */
	firstPosition: number;
}

/** The money that an account begins with. */
export async function deposit(pool: pg.Pool, accountIds: readonly string[], at: Date): Promise<void> {
	await pool.query(
		`INSERT INTO "Deal" ("accountId", ticket, kind, type, profit, swap, commission, fee, "serverTimeMs", "gmtOffsetMin", at)
		 SELECT id, 1, 'flow', 2, $2, 0, 0, 0, extract(epoch FROM $3::timestamptz) * 1000, 0, $3
		 FROM unnest($1::uuid[]) AS id`,
		[accountIds, DEPOSIT, at]
	);
	await sumDays(pool, accountIds, at, new Date(at.getTime() + DAY_MS));
}

/** Spread evenly from the first moment until the last; a position lasts up to four hours. */
export async function makeHistory(pool: pg.Pool, order: HistoryOrder): Promise<void> {
	const { accountIds, deals, from, until, firstPosition } = order;
	const positions = Math.ceil((deals * 10) / DEALS_OF_TEN);
	const client = await pool.connect();
	try {
		// A million look-ups of five accounts prove nothing here.
		await client.query(`SET session_replication_role = replica; SET work_mem = '64MB'`);
		await client.query(
			`WITH made AS MATERIALIZED (
			   SELECT id, p, part, $6::bigint + p * 3 + part AS ticket, $6::bigint + p * 3 AS position, parts, (p + part) % 2 AS type,
			     ($5::text[])[1 + hash % ${SYMBOLS.length}] AS symbol, hash, lots AS whole,
			     CASE WHEN part = 0 OR parts = 1 THEN lots WHEN part = 1 THEN 1 ELSE lots - 1 END AS lots,
			     CASE WHEN part = 0 THEN 0 ELSE hash % 4001 - 1960 END AS cents,
			     CASE WHEN part > 0 AND hash % 7 = 0 THEN -0.13 ELSE 0 END AS swap,
			     opened, opened + date_trunc('milliseconds', held * part / parts) AS at
			   FROM unnest($1::uuid[]) WITH ORDINALITY AS account(id, n)
			   CROSS JOIN generate_series(0, $2::int - 1) AS p
			   CROSS JOIN LATERAL (SELECT abs(hashint4(p * 5 + n::int)) / 7 AS hash, CASE WHEN p % 10 = 0 THEN 2 ELSE 1 END AS parts) AS h
			   CROSS JOIN LATERAL (SELECT 2 + hash % 98 AS lots,
			     date_trunc('milliseconds', $3::timestamptz + ($4::timestamptz - $3 - interval '4 hours') * (p::float8 / $2)) AS opened,
			     interval '1 millisecond' * (60000 + hash % 14000000) AS held) AS o
			   CROSS JOIN LATERAL generate_series(0, parts) AS part
			 ), trades AS (
			   INSERT INTO "Trade" ("accountId", at, ticket, symbol, lots, net, "heldMs")
			   SELECT id, at, ticket, symbol, round(lots / 100::numeric, 2),
			     trim_scale(round(cents / 100::numeric, 2) + swap - 0.07 + CASE WHEN parts = 1 THEN -0.07
			       WHEN part = 1 THEN round(-0.07 / whole, 8) ELSE -0.07 - round(-0.07 / whole, 8) END),
			     round(extract(epoch FROM at) * 1000) - round(extract(epoch FROM opened) * 1000)
			   FROM made WHERE part > 0
			 )
			 INSERT INTO "Deal" ("accountId", ticket, kind, type, entry, "positionId", symbol, side, lots, price,
			   profit, swap, commission, fee, magic, "positionMagic", reason, "serverTimeMs", "gmtOffsetMin", at)
			 SELECT id, ticket, 'trade', type, CASE WHEN part = 0 THEN 'in' ELSE 'out' END, position, symbol,
			   CASE WHEN type = 0 THEN 'buy' ELSE 'sell' END, round(lots / 100::numeric, 2),
			   round((50000 + hash % 90000)::numeric / 1000, 3), round(cents / 100::numeric, 2), swap, -0.07, 0,
			   505001, 505001, 3, extract(epoch FROM at) * 1000 + 120 * 60000, 120, at
			 FROM made`,
			[accountIds, positions, from, until, SYMBOLS, firstPosition]
		);
		// Without it, nobody would guess how many rows the sums below are of.
		await client.query(`ANALYZE "Deal"; ANALYZE "Trade"`);
	} finally {
		await client.query('RESET ALL');
		client.release();
	}
	await sumDays(pool, accountIds, from, until);
}

/** The sums of the days of one history, which no other one shares. */
async function sumDays(pool: pg.Pool, accountIds: readonly string[], from: Date, until: Date): Promise<void> {
	await pool.query(
		`INSERT INTO "DailyPerformance" ("accountId", day, "netProfit", "grossProfit", "grossLoss", swap, commission, fee,
		   trades, wins, losses, deposits, withdrawals, lots)
		 SELECT "accountId", d.day, "netProfit", coalesce("grossProfit", 0), coalesce("grossLoss", 0), swap, commission, fee,
		   coalesce(trades, 0), coalesce(wins, 0), coalesce(losses, 0), deposits, 0, coalesce(t.lots, 0)
		 FROM (
		   SELECT "accountId", (at AT TIME ZONE 'UTC')::date AS day, sum(swap) AS swap, sum(commission) AS commission, sum(fee) AS fee,
		     coalesce(sum(profit + swap + commission + fee) FILTER (WHERE kind <> 'flow'), 0) AS "netProfit",
		     coalesce(sum(profit) FILTER (WHERE kind = 'flow'), 0) AS deposits
		   FROM "Deal" WHERE "accountId" = ANY($1::uuid[]) AND at >= $2 AND at < $3 GROUP BY 1, 2
		 ) d LEFT JOIN (
		   SELECT "accountId", (at AT TIME ZONE 'UTC')::date AS day, count(*) AS trades, sum(lots) AS lots,
		     count(*) FILTER (WHERE net > 0) AS wins, count(*) FILTER (WHERE net < 0) AS losses,
		     sum(net) FILTER (WHERE net > 0) AS "grossProfit", sum(net) FILTER (WHERE net < 0) AS "grossLoss"
		   FROM "Trade" WHERE "accountId" = ANY($1::uuid[]) AND at >= $2 AND at < $3 GROUP BY 1, 2
		 ) t USING ("accountId", day)`,
		[accountIds, from, until]
	);
}
