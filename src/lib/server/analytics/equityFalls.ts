/** The deepest fall of each account's equity, by its snapshots: what floated in between was not seen. */
import { Decimal } from '#lib/domain/metrics/money.ts';
import type { Sql } from '../db.ts';
import type { Fall } from './balanceFalls.ts';

/**
 * Accounts $1, from $2 until $3. What was paid in or out since the snapshot before is no profit and no loss, nor is credit
 * that was given or taken, since the equity has it; as in the balance's curve (balanceFalls.ts), money paid in works from the beginning; growth is a sum of logarithms.
 */
const EQUITY_FALLS = `
WITH events AS (
	SELECT "accountId", at, equity, NULL::numeric AS flow FROM "AccountSnapshot"
	WHERE "accountId" = ANY($1::uuid[]) AND at >= $2 AND at < $3
	UNION ALL
	SELECT "accountId", at, NULL, profit + swap + commission + fee FROM "Deal"
	WHERE "accountId" = ANY($1::uuid[]) AND at >= $2 AND at < $3 AND kind IN ('flow', 'credit')
), summed AS (
	-- A deposit of a snapshot's very moment is in its equity.
	SELECT *, coalesce(sum(flow) OVER timed, 0) AS flows, coalesce(sum(flow) FILTER (WHERE flow > 0) OVER timed, 0) AS deposits
	FROM events WINDOW timed AS (PARTITION BY "accountId" ORDER BY at, flow NULLS LAST ROWS UNBOUNDED PRECEDING)
), periods AS (
	SELECT "accountId", at, equity - flows AS profit,
		lag(equity) OVER timed + deposits - lag(deposits) OVER timed AS capital,
		(equity - flows) - (lag(equity) OVER timed - lag(flows) OVER timed) AS gained
	FROM summed WHERE equity IS NOT NULL WINDOW timed AS (PARTITION BY "accountId" ORDER BY at)
), growths AS (
	SELECT *, sum(CASE
		WHEN capital IS NULL OR capital <= 0 THEN 0
		WHEN capital + gained <= 0 THEN -700
		ELSE ln((1 + gained / capital)::float8) END) OVER timed AS growth
	FROM periods WINDOW timed AS (PARTITION BY "accountId" ORDER BY at ROWS UNBOUNDED PRECEDING)
), falls AS (
	SELECT "accountId", capital, max(profit) OVER timed - profit AS money,
		1 - exp(growth - greatest(0, max(growth) OVER timed)) AS share
	FROM growths WINDOW timed AS (PARTITION BY "accountId" ORDER BY at ROWS UNBOUNDED PRECEDING)
)
SELECT "accountId", max(money) AS money, CASE WHEN bool_or(capital > 0) THEN max(share) END AS share
FROM falls GROUP BY "accountId" HAVING max(money) > 0`;

export async function readEquityFalls(
	sql: Sql,
	accountIds: readonly string[],
	from: Date,
	until: Date
): Promise<Map<string, Fall>> {
	const { rows } = await sql.query<{ accountId: string; money: string; share: number | null }>(EQUITY_FALLS, [
		accountIds,
		from,
		until
	]);
	return new Map(
		rows.map(({ accountId, money, share }) => [
			accountId,
			{ money: new Decimal(money), share: share === null ? null : new Decimal(share) }
		])
	);
}
