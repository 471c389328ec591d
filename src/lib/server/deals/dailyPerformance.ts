/**
 * The sums of an account's days, always written with the deals that change them. A late deal may change other days
 * than its own: what an entry cost belongs to the trades that close it, whenever they do (docs/metrics.md).
 */
import type { Sql } from '../db.ts';

/** A deal that is new, or other than before. */
export interface ChangedDeal {
	accountId: string;
	positionId: string | null;
	/** UTC, `YYYY-MM-DD`. */
	day: string;
}

/** What of an entry's cost goes with the first so many lots that exits close of it. */
const costOfFirst = (lots: string) => `CASE WHEN ${lots} >= w.volume THEN w.cost
			ELSE round((w.cost * (${lots}))::numeric(80, 30) / w.volume, 8) END`;

/**
 * The trades of positions are walked through deal by deal, as tradesOfPosition of src/lib/domain/metrics/trades.ts
 * does it: after the deal, `closed` lots of the entered `volume`, which costs `cost`, are closed; `net` is what the
 * deal closed. Its rule is the same, and a test holds the two together.
 */
const UPDATE_DAYS = `
WITH RECURSIVE changed AS (
	SELECT * FROM jsonb_to_recordset($1::jsonb) AS x("accountId" uuid, "positionId" numeric, day date)
), touched AS (
	SELECT "accountId", day FROM changed
	UNION
	SELECT d."accountId", (d.at AT TIME ZONE 'UTC')::date
	FROM (SELECT DISTINCT "accountId", "positionId" FROM changed WHERE "positionId" IS NOT NULL) AS p
	JOIN "Deal" d USING ("accountId", "positionId") WHERE d.entry <> 'in'
), of_day AS MATERIALIZED (
	SELECT t.day, d.*, d.profit + d.swap + d.commission + d.fee AS amount
	FROM touched t JOIN "Deal" d ON d."accountId" = t."accountId"
		AND d.at >= t.day::timestamp AT TIME ZONE 'UTC' AND d.at < (t.day + 1)::timestamp AT TIME ZONE 'UTC'
), closed AS (
	SELECT DISTINCT "accountId", "positionId" FROM of_day WHERE kind = 'trade' AND entry <> 'in'
), step AS MATERIALIZED (
	SELECT "accountId", "positionId", d.entry, d.lots, d.at, d.commission + d.fee AS opening,
		d.profit + d.swap + d.commission + d.fee AS amount,
		row_number() OVER (PARTITION BY "accountId", "positionId" ORDER BY d.at, d.ticket) AS n
	FROM closed JOIN "Deal" d USING ("accountId", "positionId") WHERE d.kind = 'trade'
), walk AS (
	SELECT "accountId", "positionId", 0::bigint AS n, 0::numeric AS volume, 0::numeric AS cost, 0::numeric AS closed,
		NULL::numeric AS net, NULL::numeric AS lots, NULL::timestamptz AS at
	FROM closed
	UNION ALL
	SELECT s."accountId", s."positionId", s.n, r.volume, r.cost, r.closed, r.net, r.lots, s.at
	FROM walk w
	JOIN step s ON s."accountId" = w."accountId" AND s."positionId" = w."positionId" AND s.n = w.n + 1
	CROSS JOIN LATERAL (SELECT
		greatest(0, w.volume - w.closed) AS rest,
		w.closed + s.lots AS closed,
		${costOfFirst('w.closed')} AS gone,
		${costOfFirst('w.closed + s.lots')} AS going
	) AS o
	CROSS JOIN LATERAL (SELECT
		s.entry = 'inout' AND s.lots > o.rest AS turns,
		o.closed >= w.volume AS "isAll",
		CASE WHEN s.lots > 0 THEN round((s.opening * (s.lots - o.rest))::numeric(80, 30) / s.lots, 8) ELSE 0 END AS opened
	) AS c
	CROSS JOIN LATERAL (SELECT
		CASE WHEN s.entry = 'in' THEN o.rest + s.lots WHEN c.turns THEN s.lots - o.rest
			WHEN c."isAll" THEN 0 ELSE w.volume END AS volume,
		CASE WHEN s.entry = 'in' THEN w.cost - o.gone + s.amount WHEN c.turns THEN c.opened
			WHEN c."isAll" THEN 0 ELSE w.cost END AS cost,
		CASE WHEN s.entry = 'in' OR c.turns OR c."isAll" THEN 0 ELSE o.closed END AS closed,
		CASE WHEN s.entry = 'in' THEN NULL WHEN c.turns THEN s.amount - c.opened + w.cost - o.gone
			ELSE s.amount + o.going - o.gone END AS net,
		CASE WHEN s.entry = 'in' THEN NULL WHEN c.turns THEN o.rest ELSE s.lots END AS lots
	) AS r
), trades AS (
	SELECT t."accountId", t.day, count(*)::int AS trades, sum(w.lots) AS lots,
		coalesce(sum(w.net) FILTER (WHERE w.net > 0), 0) AS "grossProfit",
		coalesce(sum(w.net) FILTER (WHERE w.net < 0), 0) AS "grossLoss",
		count(*) FILTER (WHERE w.net > 0)::int AS wins, count(*) FILTER (WHERE w.net < 0)::int AS losses
	FROM touched t JOIN walk w ON w."accountId" = t."accountId" AND (w.at AT TIME ZONE 'UTC')::date = t.day
	WHERE w.net IS NOT NULL GROUP BY 1, 2
), sums AS (
	SELECT "accountId", day,
		coalesce(sum(amount) FILTER (WHERE kind <> 'flow'), 0) AS "netProfit",
		coalesce(sum(swap) FILTER (WHERE kind <> 'flow'), 0) AS swap,
		coalesce(sum(commission) FILTER (WHERE kind <> 'flow'), 0) AS commission,
		coalesce(sum(fee) FILTER (WHERE kind <> 'flow'), 0) AS fee,
		coalesce(sum(amount) FILTER (WHERE kind = 'flow' AND amount > 0), 0) AS deposits,
		coalesce(-sum(amount) FILTER (WHERE kind = 'flow' AND amount < 0), 0) AS withdrawals
	FROM of_day GROUP BY 1, 2
)
INSERT INTO "DailyPerformance" ("accountId", day, "netProfit", "grossProfit", "grossLoss", swap, commission, fee,
	trades, wins, losses, deposits, withdrawals, lots)
SELECT s."accountId", s.day, s."netProfit", coalesce(t."grossProfit", 0), coalesce(t."grossLoss", 0),
	s.swap, s.commission, s.fee, coalesce(t.trades, 0), coalesce(t.wins, 0), coalesce(t.losses, 0),
	s.deposits, s.withdrawals, coalesce(t.lots, 0)
FROM sums s LEFT JOIN trades t USING ("accountId", day)
ON CONFLICT ("accountId", day) DO UPDATE SET "netProfit" = excluded."netProfit",
	"grossProfit" = excluded."grossProfit", "grossLoss" = excluded."grossLoss", swap = excluded.swap,
	commission = excluded.commission, fee = excluded.fee, trades = excluded.trades, wins = excluded.wins,
	losses = excluded.losses, deposits = excluded.deposits, withdrawals = excluded.withdrawals, lots = excluded.lots`;

/** Counts anew every day that these deals have a part in. */
export async function updateDays(sql: Sql, changed: readonly ChangedDeal[]): Promise<void> {
	if (changed.length === 0) return;
	await sql.query({ name: 'deals-days', text: UPDATE_DAYS, values: [JSON.stringify(changed)] });
}
