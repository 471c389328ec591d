/**
 * The floor of an aggregate: what somebody who knows these rows would write by hand. It reads the trades and days that are
 * kept with the deals, and takes for granted what this history is: nothing paid in or out within the range, never without
 * capital, one currency. As many statements go out at once as the server sends.
 */
import type pg from 'pg';
import { Decimal, sum } from '#lib/domain/metrics/money.ts';

export interface FloorFigures {
	/** An account's id; `all` of them together. */
	key: string;
	trades: number;
	net: string;
	depth: string;
	share: string;
}

const TRADES = `
SELECT "accountId" AS key, symbol, extract(hour FROM at AT TIME ZONE 'UTC') AS hour,
	(at AT TIME ZONE 'UTC')::date AS day, count(*)::int AS trades, count(*) FILTER (WHERE net > 0) AS wins,
	count(*) FILTER (WHERE net < 0) AS losses, sum(net) AS net, sum(net) FILTER (WHERE net > 0) AS won,
	sum(net) FILTER (WHERE net < 0) AS lost, sum(lots) AS lots, max(net) AS best, min(net) AS worst, sum("heldMs") AS held
FROM "Trade" WHERE "accountId" = ANY($1::uuid[]) AND at >= $2 AND at < $3
GROUP BY GROUPING SETS ((1, 2), (1, 3), (1, 4))`;

const DAYS = `
SELECT "accountId" AS key, day, "netProfit", swap, commission, fee, deposits, withdrawals FROM "DailyPerformance"
WHERE "accountId" = ANY($1::uuid[]) AND day < $2::date`;

const falls = (key: string, order: string): string => `
SELECT key, max(high - low) AS depth, max((high - low) / (opening + high)) AS share
FROM (
	SELECT key, high, min(moved) AS low FROM (
		SELECT key, moved, greatest(0, max(moved) OVER timed) AS high FROM (
			SELECT ${key} AS key, at, ticket, "accountId", sum(profit + swap + commission + fee) OVER timed AS moved
			FROM "Deal" WHERE "accountId" = ANY($1::uuid[]) AND at >= $2 AND at < $3 WINDOW timed AS (${order})
		) AS moves WINDOW timed AS (${order})
	) AS highs GROUP BY key, high
) AS steps
JOIN (
	SELECT ${key} AS key, sum("netProfit" + deposits - withdrawals) AS opening FROM "DailyPerformance"
	WHERE "accountId" = ANY($1::uuid[]) AND day < ($2::timestamptz AT TIME ZONE 'UTC')::date GROUP BY 1
) AS openings USING (key) GROUP BY key`;

const ACCOUNT_FALLS = falls(
	'"accountId"::text',
	'PARTITION BY "accountId" ORDER BY at, ticket ROWS UNBOUNDED PRECEDING'
);
const JOINT_FALLS = falls(`'all'::text`, 'ORDER BY at, ticket, "accountId" ROWS UNBOUNDED PRECEDING');

export async function aggregateFloor(
	pool: pg.Pool,
	accountIds: readonly string[],
	from: Date,
	until: Date
): Promise<FloorFigures[]> {
	const range = [accountIds, from, until];
	const [trades, , accountFalls, jointFalls] = await Promise.all([
		pool.query<{ key: string; day: Date | null; trades: number; net: string }>(TRADES, range),
		pool.query(DAYS, [accountIds, until]),
		pool.query<Pick<FloorFigures, 'key' | 'depth' | 'share'>>(ACCOUNT_FALLS, range),
		pool.query<Pick<FloorFigures, 'key' | 'depth' | 'share'>>(JOINT_FALLS, range)
	]);
	const ofDays = trades.rows.filter(({ day }) => day !== null);
	return [...accountFalls.rows, ...jointFalls.rows].map((fall) => {
		const rows = ofDays.filter(({ key }) => fall.key === 'all' || key === fall.key);
		const net = sum(rows.map((one) => new Decimal(one.net))).toFixed();
		return { ...fall, trades: rows.reduce((total, { trades: count }) => total + count, 0), net };
	});
}
