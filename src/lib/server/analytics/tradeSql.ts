/**
 * What the accounts of a trader did in a range, summed up in PostgreSQL in exact numeric. Trades and days are written
 * with the deals that they come from (../deals/dailyPerformance.ts), so that a range is read by its own rows alone.
 */

/**
 * Accounts $1, from $2 until $3. A row per account and symbol, hour and day (UTC): `dimension` says which, `key` of
 * what.
 */
export const TRADE_SUMS = `
SELECT "accountId",
	CASE GROUPING(symbol, hour, day) WHEN 3 THEN 'symbol' WHEN 5 THEN 'hour' ELSE 'day' END AS dimension,
	coalesce(symbol, hour::text, day::text) AS key,
	count(*)::int AS trades,
	count(*) FILTER (WHERE net > 0)::int AS wins,
	count(*) FILTER (WHERE net < 0)::int AS losses,
	coalesce(sum(net) FILTER (WHERE net > 0), 0) AS "grossProfit",
	coalesce(sum(net) FILTER (WHERE net < 0), 0) AS "grossLoss",
	sum(lots) AS lots, max(net) AS best, min(net) AS worst,
	count("heldMs")::int AS "heldTrades", coalesce(sum("heldMs"), 0) AS "heldMs"
FROM (
	SELECT "accountId", symbol, lots, net, "heldMs",
		extract(hour FROM at AT TIME ZONE 'UTC')::int AS hour, (at AT TIME ZONE 'UTC')::date AS day
	FROM "Trade" WHERE "accountId" = ANY($1::uuid[]) AND at >= $2 AND at < $3
) AS t
GROUP BY GROUPING SETS (("accountId", symbol), ("accountId", hour), ("accountId", day))`;

/** Accounts $1, from the day $2 until before the day $3: what each day did to the balance. */
export const DAILY_MONEY = `
SELECT "accountId", day::text, "netProfit", swap, commission, fee, deposits, withdrawals
FROM "DailyPerformance" WHERE "accountId" = ANY($1::uuid[]) AND day >= $2::date AND day < $3::date`;

/** Accounts $1: their balances at the beginning of the day $2, from the days before. */
export const OPENING_BALANCES = `
SELECT "accountId", sum("netProfit" + deposits - withdrawals) AS balance FROM "DailyPerformance"
WHERE "accountId" = ANY($1::uuid[]) AND day < $2::date GROUP BY 1`;
