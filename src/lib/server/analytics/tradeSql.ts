/**
 * Trades and their sums in PostgreSQL, in exact numeric. It reads the closing deals of the range by their time and
 * the deals of their positions by the position, so that its cost does not depend on what lies outside.
 *
 * The share of the entry's cost, and the time of the entry, are formulas of src/lib/domain/metrics/trades.ts; both
 * stand there for any position and here for those whose entries all came before their exits, without a turn.
 * Any other position is named, and walked by the domain. tests/integration/web/analyticsProperties.test.ts
 * compares the two.
 */

const AMOUNT = 'd.profit + d.swap + d.commission + d.fee';
const MS = '(extract(epoch FROM d.at) * 1000)';

/** What of the entries' cost goes with the first so many lots that are closed. */
const costOfFirst = (lots: string) => `CASE WHEN ${lots} >= "inLots" THEN "inCost"
	ELSE round(("inCost" * (${lots}))::numeric(80, 30) / "inLots", 8) END`;

const SUMS = `count(*)::int AS trades,
	count(*) FILTER (WHERE net > 0)::int AS wins,
	count(*) FILTER (WHERE net < 0)::int AS losses,
	coalesce(sum(net) FILTER (WHERE net > 0), 0) AS "grossProfit",
	coalesce(sum(net) FILTER (WHERE net < 0), 0) AS "grossLoss",
	sum(lots) AS lots, max(net) AS best, min(net) AS worst,
	count("heldMs")::int AS "heldTrades", coalesce(sum("heldMs"), 0) AS "heldMs"`;

/**
 * Accounts $1, from $2 until $3. A row per account and symbol, hour and day: `dimension` says which, `key` of what.
 * Dimension `position` names a position that is for the domain.
 */
export const TRADE_SUMS = `
WITH touched AS (
	SELECT DISTINCT "accountId", "positionId" FROM "Deal"
	WHERE "accountId" = ANY($1::uuid[]) AND at >= $2 AND at < $3 AND kind = 'trade' AND entry <> 'in'
), walked AS MATERIALIZED (
	SELECT d."accountId", d."positionId", d.at, d.entry, d.symbol, d.lots, d.amount,
		coalesce(sum(d.lots) FILTER (WHERE d.entry = 'in') OVER whole, 0) AS "inLots",
		coalesce(sum(d.amount) FILTER (WHERE d.entry = 'in') OVER whole, 0) AS "inCost",
		sum(d.lots * d.ms) FILTER (WHERE d.entry = 'in') OVER whole AS "inLotsMs",
		coalesce(sum(d.lots) FILTER (WHERE d.entry <> 'in') OVER before, 0) AS "outBefore",
		coalesce(max(d.at) FILTER (WHERE d.entry = 'in') OVER whole
			< min(d.at) FILTER (WHERE d.entry <> 'in') OVER whole, true)
			AND count(*) FILTER (WHERE d.entry = 'inout') OVER whole = 0 AS "isPlain"
	FROM touched t CROSS JOIN LATERAL (
		SELECT d."accountId", d."positionId", d.ticket, d.at, d.entry, d.symbol, d.lots, ${AMOUNT} AS amount, ${MS} AS ms
		FROM "Deal" d
		WHERE d."accountId" = t."accountId" AND d."positionId" = t."positionId" AND d.kind = 'trade'
		-- Each position by the index: joined as a whole, every deal of the table would be read.
		OFFSET 0
	) d
	WINDOW whole AS (PARTITION BY d."accountId", d."positionId"),
		before AS (PARTITION BY d."accountId", d."positionId" ORDER BY d.at, d.ticket
			ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), trades AS (
	SELECT d."accountId", d.symbol, d.lots,
		extract(hour FROM d.at AT TIME ZONE 'UTC')::int::text AS hour,
		(d.at AT TIME ZONE 'UTC')::date::text AS day,
		CASE WHEN "inCost" = 0 THEN d.amount
			ELSE d.amount + ${costOfFirst('"outBefore" + d.lots')} - ${costOfFirst('"outBefore"')} END AS net,
		CASE WHEN "outBefore" < "inLots" THEN ${MS} - round("inLotsMs"::numeric(80, 30) / "inLots") END AS "heldMs"
	FROM walked d WHERE d."isPlain" AND d.entry <> 'in' AND d.at >= $2 AND d.at < $3
)
SELECT "accountId",
	CASE GROUPING(symbol, hour, day) WHEN 3 THEN 'symbol' WHEN 5 THEN 'hour' ELSE 'day' END AS dimension,
	coalesce(symbol, hour, day) AS key, ${SUMS}
FROM trades
GROUP BY GROUPING SETS (("accountId", symbol), ("accountId", hour), ("accountId", day))
UNION ALL
SELECT DISTINCT "accountId", 'position', "positionId"::text, 0, 0, 0, 0, 0, 0, NULL::numeric, NULL::numeric, 0, 0
FROM walked WHERE NOT "isPlain"`;

/** All deals of the positions $2 of the accounts $1, pairwise. */
export const DEALS_OF_POSITIONS = `
SELECT d."accountId", d.ticket, d."positionId", d.symbol, d.side, d.entry, d.lots, d.profit, d.swap, d.commission,
	d.fee, d.at
FROM unnest($1::uuid[], $2::numeric[]) AS p("accountId", "positionId")
CROSS JOIN LATERAL (
	SELECT * FROM "Deal" e
	WHERE e."accountId" = p."accountId" AND e."positionId" = p."positionId" AND e.kind = 'trade'
) d`;

/** Accounts $1, from $2 until $3: what each day did to the balance. */
export const DAILY_MONEY = `
SELECT d."accountId", (d.at AT TIME ZONE 'UTC')::date::text AS day,
	coalesce(sum(${AMOUNT}) FILTER (WHERE d.kind <> 'flow'), 0) AS "netProfit",
	coalesce(sum(d.swap) FILTER (WHERE d.kind <> 'flow'), 0) AS swap,
	coalesce(sum(d.commission) FILTER (WHERE d.kind <> 'flow'), 0) AS commission,
	coalesce(sum(d.fee) FILTER (WHERE d.kind <> 'flow'), 0) AS fee,
	coalesce(sum(${AMOUNT}) FILTER (WHERE d.kind = 'flow' AND ${AMOUNT} > 0), 0) AS deposits,
	coalesce(-sum(${AMOUNT}) FILTER (WHERE d.kind = 'flow' AND ${AMOUNT} < 0), 0) AS withdrawals
FROM "Deal" d
WHERE d."accountId" = ANY($1::uuid[]) AND d.at >= $2 AND d.at < $3
GROUP BY 1, 2`;

/** Accounts $1: their balances at the beginning of the day $2, from the days before. */
export const OPENING_BALANCES = `
SELECT "accountId", sum("netProfit" + deposits - withdrawals) AS balance FROM "DailyPerformance"
WHERE "accountId" = ANY($1::uuid[]) AND day < $2::date GROUP BY 1`;

/**
 * Deepest falls of the balance after each deal, of the accounts $3 together in the scopes $4, from $1 until $2; the
 * scope's opening balance is $5. In money on the curve of profit, and as a share on the curve of growth, which is
 * taken as a sum of logarithms: a share is a quotient, and may round. A loss of all counts as one of all but e^-700.
 */
export const BALANCE_FALLS = `
WITH moves AS (
	SELECT s.scope, s.opening, d.at, d.ticket, d."accountId", d.kind = 'flow' AS "isFlow", ${AMOUNT} AS amount
	FROM unnest($3::uuid[], $4::text[], $5::numeric[]) AS s("accountId", scope, opening)
	JOIN "Deal" d ON d."accountId" = s."accountId"
	WHERE d.at >= $1 AND d.at < $2
), balances AS (
	SELECT *, opening + sum(amount) OVER timed - amount AS before,
		sum(CASE WHEN "isFlow" THEN 0 ELSE amount END) OVER timed AS profit
	FROM moves WINDOW timed AS (PARTITION BY scope ORDER BY at, ticket, "accountId" ROWS UNBOUNDED PRECEDING)
), growths AS (
	SELECT *, sum(CASE
		WHEN "isFlow" OR before <= 0 THEN 0
		WHEN before + amount <= 0 THEN -700
		ELSE ln(1 + amount::float8 / before::float8) END) OVER timed AS growth
	FROM balances WINDOW timed AS (PARTITION BY scope ORDER BY at, ticket, "accountId" ROWS UNBOUNDED PRECEDING)
), falls AS (
	SELECT scope, before,
		greatest(0, max(profit) OVER timed) - profit AS money,
		1 - exp(growth - greatest(0, max(growth) OVER timed)) AS share
	FROM growths WINDOW timed AS (PARTITION BY scope ORDER BY at, ticket, "accountId" ROWS UNBOUNDED PRECEDING)
)
SELECT scope, max(money) AS money, CASE WHEN bool_or(before > 0) THEN max(share) END AS share FROM falls GROUP BY scope`;
