/** A month of deals and snapshots for accounts of the bench, so that their charts have something to draw. */
import type pg from 'pg';

const DAYS = 30;

export async function fillDays(pool: pg.Pool, accountIds: readonly string[]): Promise<void> {
	for (const id of accountIds) {
		await pool.query(
			`INSERT INTO "Deal" ("accountId", ticket, kind, type, entry, "positionId", symbol, side, lots, price, profit, swap,
			   commission, fee, "serverTimeMs", "gmtOffsetMin", at)
			 SELECT $1, n, CASE n WHEN 1 THEN 'flow' ELSE 'trade' END, CASE n WHEN 1 THEN 2 ELSE 1 END,
			   CASE n WHEN 1 THEN NULL ELSE 'out' END, n, 'EURUSD', 'sell', 0.1, 1.1,
			   CASE n WHEN 1 THEN 10000 ELSE (n * 7919 % 100) - 45 END, 0, 0, 0,
			   extract(epoch FROM t) * 1000, 0, t
			 FROM generate_series(1, 10 * $2::int) n,
			   LATERAL (SELECT now() - make_interval(days => $2::int) + n * interval '2 hours 20 minutes' AS t) x`,
			[id, DAYS]
		);
		await pool.query(
			`INSERT INTO "DailyPerformance" ("accountId", day, "netProfit", "grossProfit", "grossLoss", swap, commission, fee,
			   trades, wins, losses, deposits, withdrawals, lots)
			 SELECT $1, (at AT TIME ZONE 'UTC')::date, coalesce(sum(profit) FILTER (WHERE kind = 'trade'), 0), 0, 0, 0, 0, 0,
			   count(*), 0, 0, coalesce(sum(profit) FILTER (WHERE kind = 'flow'), 0), 0, 0
			 FROM "Deal" WHERE "accountId" = $1 GROUP BY 2`,
			[id]
		);
		await pool.query(
			`INSERT INTO "AccountSnapshot" ("accountId", at, balance, equity, "floatingProfit", margin, "openPositions", "openLots")
			 SELECT $1, t, 10000, 10000 + 500 * sin(extract(epoch FROM t) / 40000), 0, 0, 0, 0
			 FROM generate_series(date_trunc('hour', now()) - make_interval(days => $2::int), now(), interval '15 minutes') t`,
			[id, DAYS]
		);
	}
}
