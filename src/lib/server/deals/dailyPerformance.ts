/**
 * The trades of an account and the sums of its days, always written with the deals that change them. A late deal may
 * change other days than its own: what an entry cost belongs to the trades that close it, whenever they do
 * (docs/metrics.md).
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
 * The trades of these deals' positions, walked through deal by deal as tradesOfPosition of
 * src/lib/domain/metrics/trades.ts does it: after the deal, `closed` lots of the entered `volume`, which costs `cost`,
 * are closed; `time` is volume × time of the entries; `net` is what the deal closed, and `heldMs` for how long. Its rules
 * are the same, and a test holds the two together.
 */
const UPDATE_TRADES = `
WITH RECURSIVE changed AS (
	SELECT DISTINCT "accountId", "positionId"
	FROM jsonb_to_recordset($1::jsonb) AS x("accountId" uuid, "positionId" numeric) WHERE "positionId" IS NOT NULL
), step AS MATERIALIZED (
	SELECT "accountId", "positionId", d.ticket, d.at, d.symbol, d.entry, d.lots, d.commission + d.fee AS opening,
		d.profit + d.swap + d.commission + d.fee AS amount, round(extract(epoch FROM d.at) * 1000) AS ms,
		row_number() OVER (PARTITION BY "accountId", "positionId" ORDER BY d.at, d.ticket) AS n
	FROM changed JOIN "Deal" d USING ("accountId", "positionId") WHERE d.kind = 'trade'
), walk AS (
	SELECT "accountId", "positionId", 0::bigint AS n, 0::numeric AS volume, 0::numeric AS cost, 0::numeric AS time,
		0::numeric AS closed, NULL::numeric AS net, NULL::numeric AS lots, NULL::numeric AS "heldMs"
	FROM changed
	UNION ALL
	SELECT s."accountId", s."positionId", s.n, r.volume, r.cost, r.time, r.closed, r.net, r.lots, r."heldMs"
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
		CASE WHEN s.lots > 0 THEN round((s.opening * (s.lots - o.rest))::numeric(80, 30) / s.lots, 8) ELSE 0 END AS opened,
		CASE WHEN w.volume > 0 THEN (w.time * o.rest)::numeric(80, 30) / w.volume ELSE 0 END AS "restTime"
	) AS c
	CROSS JOIN LATERAL (SELECT
		CASE WHEN s.entry = 'in' THEN o.rest + s.lots WHEN c.turns THEN s.lots - o.rest
			WHEN c."isAll" THEN 0 ELSE w.volume END AS volume,
		CASE WHEN s.entry = 'in' THEN w.cost - o.gone + s.amount WHEN c.turns THEN c.opened
			WHEN c."isAll" THEN 0 ELSE w.cost END AS cost,
		CASE WHEN s.entry = 'in' THEN c."restTime" + s.lots * s.ms WHEN c.turns THEN (s.lots - o.rest) * s.ms
			WHEN c."isAll" THEN 0 ELSE w.time END AS time,
		CASE WHEN s.entry = 'in' OR c.turns OR c."isAll" THEN 0 ELSE o.closed END AS closed,
		CASE WHEN s.entry = 'in' THEN NULL WHEN c.turns THEN s.amount - c.opened + w.cost - o.gone
			ELSE s.amount + o.going - o.gone END AS net,
		CASE WHEN s.entry = 'in' THEN NULL WHEN c.turns THEN o.rest ELSE s.lots END AS lots,
		CASE WHEN s.entry <> 'in' AND w.volume > 0 THEN s.ms - round(w.time::numeric(80, 30) / w.volume) END AS "heldMs"
	) AS r
)
INSERT INTO "Trade" AS t ("accountId", at, ticket, symbol, lots, net, "heldMs")
SELECT s."accountId", s.at, s.ticket, s.symbol, w.lots, trim_scale(w.net), w."heldMs"
FROM walk w JOIN step s USING ("accountId", "positionId", n) WHERE w.net IS NOT NULL
ON CONFLICT ("accountId", at, ticket) DO UPDATE SET lots = excluded.lots, net = excluded.net, "heldMs" = excluded."heldMs"
WHERE (t.lots, t.net, t."heldMs") IS DISTINCT FROM (excluded.lots, excluded.net, excluded."heldMs")`;

const ofDay = (moment: string) => `${moment} >= touched.day::timestamp AT TIME ZONE 'UTC'
			AND ${moment} < (touched.day + 1)::timestamp AT TIME ZONE 'UTC'`;

/** The sums of the days of these deals, and of all trades of their positions. */
const UPDATE_DAYS = `
WITH changed AS (
	SELECT * FROM jsonb_to_recordset($1::jsonb) AS x("accountId" uuid, "positionId" numeric, day date)
), touched AS (
	SELECT "accountId", day FROM changed
	UNION
	SELECT d."accountId", (d.at AT TIME ZONE 'UTC')::date
	FROM (SELECT DISTINCT "accountId", "positionId" FROM changed WHERE "positionId" IS NOT NULL) AS p
	JOIN "Deal" d USING ("accountId", "positionId") WHERE d.entry <> 'in'
)
INSERT INTO "DailyPerformance" ("accountId", day, "netProfit", "grossProfit", "grossLoss", swap, commission, fee,
	trades, wins, losses, deposits, withdrawals, lots)
SELECT "accountId", day, s."netProfit", t."grossProfit", t."grossLoss", s.swap, s.commission, s.fee,
	t.trades, t.wins, t.losses, s.deposits, s.withdrawals, t.lots
FROM touched
CROSS JOIN LATERAL (
	SELECT coalesce(sum(amount) FILTER (WHERE kind IN ('trade', 'charge')), 0) AS "netProfit",
		coalesce(sum(swap) FILTER (WHERE kind IN ('trade', 'charge')), 0) AS swap,
		coalesce(sum(commission) FILTER (WHERE kind IN ('trade', 'charge')), 0) AS commission,
		coalesce(sum(fee) FILTER (WHERE kind IN ('trade', 'charge')), 0) AS fee,
		coalesce(sum(amount) FILTER (WHERE kind = 'flow' AND amount > 0), 0) AS deposits,
		coalesce(-sum(amount) FILTER (WHERE kind = 'flow' AND amount < 0), 0) AS withdrawals
	FROM (
		SELECT d.*, d.profit + d.swap + d.commission + d.fee AS amount FROM "Deal" d
		WHERE d."accountId" = touched."accountId" AND ${ofDay('d.at')}
		OFFSET 0
	) d
) s
CROSS JOIN LATERAL (
	SELECT count(*)::int AS trades, coalesce(sum(t.lots), 0) AS lots,
		coalesce(sum(t.net) FILTER (WHERE t.net > 0), 0) AS "grossProfit",
		coalesce(sum(t.net) FILTER (WHERE t.net < 0), 0) AS "grossLoss",
		count(*) FILTER (WHERE t.net > 0)::int AS wins, count(*) FILTER (WHERE t.net < 0)::int AS losses
	FROM "Trade" t WHERE t."accountId" = touched."accountId" AND ${ofDay('t.at')}
) t
ON CONFLICT ("accountId", day) DO UPDATE SET "netProfit" = excluded."netProfit",
	"grossProfit" = excluded."grossProfit", "grossLoss" = excluded."grossLoss", swap = excluded.swap,
	commission = excluded.commission, fee = excluded.fee, trades = excluded.trades, wins = excluded.wins,
	losses = excluded.losses, deposits = excluded.deposits, withdrawals = excluded.withdrawals, lots = excluded.lots`;

/** Counts anew every trade and every day that these deals have a part in. */
export async function updateDays(sql: Sql, changed: readonly ChangedDeal[]): Promise<void> {
	if (changed.length === 0) return;
	const values = [JSON.stringify(changed)];
	// Not prepared: the first deals of a new server would fix plans that read whole tables, which are small then.
	await sql.query(UPDATE_TRADES, values);
	await sql.query(UPDATE_DAYS, values);
}
