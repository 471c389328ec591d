/**
 * A history of deals, written straight into the database: positions of one entry and one exit, every tenth closed in two
 * parts, with commissions, swaps, winners and losers; and the sums of their days, as the server writes them with deals.
 */
import type pg from 'pg';

export const DAY_MS = 86_400_000;
const SYMBOLS = ['EURUSD', 'GBPUSD', 'USDJPY', 'XAUUSD', 'US500', 'BTCUSD'];
/** Of ten positions, nine have two deals and one has three. */
const DEALS_OF_TEN = 21;
/** A history begins with it. */
export const DEPOSIT = '100000';

export interface HistoryOrder {
	accountIds: readonly string[];
	/** Of each account; made of whole positions, so that there may be some more. */
	deals: number;
	from: Date;
	until: Date;
	/** Its positions and tickets begin here: histories of one account must not meet. */
	firstPosition: number;
}

/** The money that an account begins with, a day before its history. */
export async function deposit(pool: pg.Pool, accountIds: readonly string[], at: Date): Promise<void> {
	await pool.query(
		`INSERT INTO "Deal" ("accountId", ticket, kind, type, profit, swap, commission, fee, "serverTimeMs", "gmtOffsetMin", at)
		 SELECT id, 1, 'flow', 2, $2, 0, 0, 0, extract(epoch FROM $3::timestamptz) * 1000, 0, $3
		 FROM unnest($1::uuid[]) AS id`,
		[accountIds, DEPOSIT, at]
	);
}

/** Spread evenly from the first moment until the last; a position lasts up to four hours. */
export async function makeHistory(pool: pg.Pool, order: HistoryOrder): Promise<void> {
	const positions = Math.ceil((order.deals * 10) / DEALS_OF_TEN);
	await pool.query(
		`INSERT INTO "Deal" ("accountId", ticket, kind, type, entry, "positionId", symbol, side, lots, price,
		   profit, swap, commission, fee, magic, "positionMagic", reason, "serverTimeMs", "gmtOffsetMin", at)
		 SELECT id, $6 + p * 3 + part, 'trade', CASE WHEN (p + part) % 2 = 0 THEN 0 ELSE 1 END,
		   CASE WHEN part = 0 THEN 'in' ELSE 'out' END, $6 + p * 3,
		   ($5::text[])[1 + hash % ${SYMBOLS.length}], CASE WHEN (p + part) % 2 = 0 THEN 'buy' ELSE 'sell' END,
		   round((CASE WHEN part = 0 OR parts = 1 THEN lots WHEN part = 1 THEN 1 ELSE lots - 1 END) / 100::numeric, 2),
		   round((50000 + hash % 90000)::numeric / 1000, 3),
		   CASE WHEN part = 0 THEN 0 ELSE round((hash % 4001 - 1960)::numeric / 100, 2) END,
		   CASE WHEN part > 0 AND hash % 7 = 0 THEN -0.13 ELSE 0 END, -0.07, 0, 505001, 505001, 3,
		   extract(epoch FROM opened + held * part / parts) * 1000 + 120 * 60000, 120, opened + held * part / parts
		 FROM unnest($1::uuid[]) WITH ORDINALITY AS account(id, n)
		 CROSS JOIN generate_series(0, $2::int - 1) AS p
		 CROSS JOIN LATERAL (SELECT abs(hashint4(p * 5 + n::int)) / 7 AS hash, CASE WHEN p % 10 = 0 THEN 2 ELSE 1 END AS parts) AS h
		 CROSS JOIN LATERAL (SELECT 2 + hash % 98 AS lots,
		   date_trunc('milliseconds', $3::timestamptz + ($4::timestamptz - $3 - interval '4 hours') * (p::float8 / $2)) AS opened,
		   interval '1 millisecond' * (60000 + hash % 14000000) AS held) AS o
		 CROSS JOIN LATERAL generate_series(0, parts) AS part
		 ORDER BY id, p, part`,
		[order.accountIds, positions, order.from, order.until, SYMBOLS, order.firstPosition]
	);
}

/** The trades of all positions that have none yet, and the sums of all days, as the server writes them with deals. */
export async function sumUp(pool: pg.Pool, accountIds: readonly string[]): Promise<void> {
	await pool.query(
		`INSERT INTO "Trade" ("accountId", at, ticket, symbol, lots, net, "heldMs")
		 SELECT d."accountId", d.at, d.ticket, d.symbol, d.lots,
		   d.profit + d.swap + d.commission + d.fee + CASE WHEN d.lots = o.lots THEN o.cost
		     WHEN d.ticket = o.ticket + 1 THEN round(o.cost * d.lots / o.lots, 8)
		     ELSE o.cost - round(o.cost * (o.lots - d.lots) / o.lots, 8) END,
		   round(extract(epoch FROM d.at) * 1000) - round(extract(epoch FROM o.at) * 1000)
		 FROM "Deal" d
		 JOIN (SELECT "accountId", "positionId", ticket, at, lots, commission + fee AS cost FROM "Deal" WHERE entry = 'in') o
		   ON o."accountId" = d."accountId" AND o."positionId" = d."positionId"
		 WHERE d."accountId" = ANY($1::uuid[]) AND d.entry = 'out'
		 ON CONFLICT DO NOTHING`,
		[accountIds]
	);
	await pool.query(
		`INSERT INTO "DailyPerformance" ("accountId", day, "netProfit", "grossProfit", "grossLoss", swap, commission, fee,
		   trades, wins, losses, deposits, withdrawals, lots)
		 SELECT "accountId", d.day, "netProfit", coalesce("grossProfit", 0), coalesce("grossLoss", 0), swap, commission, fee,
		   coalesce(trades, 0), coalesce(wins, 0), coalesce(losses, 0), deposits, 0, coalesce(t.lots, 0)
		 FROM (
		   SELECT "accountId", (at AT TIME ZONE 'UTC')::date AS day, sum(swap) AS swap, sum(commission) AS commission, sum(fee) AS fee,
		     coalesce(sum(profit + swap + commission + fee) FILTER (WHERE kind <> 'flow'), 0) AS "netProfit",
		     coalesce(sum(profit) FILTER (WHERE kind = 'flow'), 0) AS deposits
		   FROM "Deal" WHERE "accountId" = ANY($1::uuid[]) GROUP BY 1, 2
		 ) d LEFT JOIN (
		   SELECT "accountId", (at AT TIME ZONE 'UTC')::date AS day, count(*) AS trades, sum(lots) AS lots,
		     count(*) FILTER (WHERE net > 0) AS wins, count(*) FILTER (WHERE net < 0) AS losses,
		     sum(net) FILTER (WHERE net > 0) AS "grossProfit", sum(net) FILTER (WHERE net < 0) AS "grossLoss"
		   FROM "Trade" WHERE "accountId" = ANY($1::uuid[]) GROUP BY 1, 2
		 ) t USING ("accountId", day)
		 ON CONFLICT ("accountId", day) DO UPDATE SET "netProfit" = excluded."netProfit", "grossProfit" = excluded."grossProfit",
		   "grossLoss" = excluded."grossLoss", swap = excluded.swap, commission = excluded.commission, fee = excluded.fee,
		   trades = excluded.trades, wins = excluded.wins, losses = excluded.losses, deposits = excluded.deposits, lots = excluded.lots`,
		[accountIds]
	);
}
