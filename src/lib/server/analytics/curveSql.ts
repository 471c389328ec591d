/**
 * Balance and equity of accounts as one curve, in slots of $4 from $2 until $3. Parameters of all: accounts $1.
 * What was not seen is not in it: an equity of several accounts is there only for moments at which all were seen.
 */

const AMOUNT = 'profit + swap + commission + fee';

/** What each slot's deals did to the balance, and what of that was paid in or out. */
export const SLOT_DEALS = `
SELECT date_bin($4::interval, at, $2) AS slot, sum(${AMOUNT}) AS change,
	sum(${AMOUNT}) FILTER (WHERE kind = 'flow') AS flow
FROM "Deal" WHERE "accountId" = ANY($1::uuid[]) AND at >= $2 AND at < $3 AND kind <> 'credit' GROUP BY 1`;

/** What credit was given, less what was taken back, in each slot. */
export const SLOT_CREDITS = `
SELECT date_bin($4::interval, at, $2) AS slot, sum(${AMOUNT}) AS credit
FROM "Deal" WHERE "accountId" = ANY($1::uuid[]) AND at >= $2 AND at < $3 AND kind = 'credit' GROUP BY 1`;

/** The same for slots of a day, of which the sums are kept. */
export const DAY_DEALS = `
SELECT day::timestamp AT TIME ZONE 'UTC' AS slot, sum("netProfit" + deposits - withdrawals) AS change,
	nullif(sum(deposits - withdrawals), 0) AS flow
FROM "DailyPerformance"
WHERE "accountId" = ANY($1::uuid[]) AND day >= ($2::timestamptz AT TIME ZONE 'UTC')::date
	AND day < ($3::timestamptz AT TIME ZONE 'UTC')::date AND $4::interval IS NOT NULL
GROUP BY 1`;

/** When a deal of each account came last; one that was never seen has a past up to there. */
export const LAST_DEALS = `
SELECT id AS "accountId", l.at FROM unnest($1::uuid[]) id CROSS JOIN LATERAL (
	SELECT at FROM "Deal" WHERE "accountId" = id ORDER BY at DESC, ticket DESC LIMIT 1
) l`;

/** Of which accounts anything was seen from $2 until $3. */
export const SEEN_ACCOUNTS = `
SELECT id AS "accountId" FROM unnest($1::uuid[]) id
WHERE EXISTS (SELECT 1 FROM "AccountSnapshot" WHERE "accountId" = id AND at >= $2 AND at < $3)`;

/**
 * Each slot's last equity and deepest fall below the highest point before. The fall is that of equityFalls.ts: in
 * money on the curve without what was paid in or out or given as credit, as a share on the curve of growth.
 *
 * One snapshot of an account is kept of each minute, and of each quarter of an hour where only the last of each is kept
 * ($5 and older; of a day, from $6). Two that are further apart than what is kept have a time between them in which
 * nothing was seen. What was paid into an account is in its own snapshot or not: an account of the same moment that was
 * seen some seconds later says nothing of it.
 */
export const SLOT_EQUITY = `
WITH latest AS (
	SELECT DISTINCT ON (moment, "accountId") moment, "accountId", at, equity FROM (
		SELECT date_bin(CASE WHEN at < $5 THEN '15 min' ELSE '1 min' END::interval, at, $2) AS moment,
			"accountId", at, equity
		FROM "AccountSnapshot" WHERE "accountId" = ANY($1::uuid[]) AND at >= $2 AND at < $3
	) s ORDER BY moment, "accountId", at DESC
), events AS (
	SELECT "accountId", moment, at, equity, NULL::numeric AS flow FROM latest
	UNION ALL
	SELECT "accountId", NULL, at, NULL, ${AMOUNT} FROM "Deal"
	WHERE "accountId" = ANY($1::uuid[]) AND at >= $2 AND at < $3 AND kind IN ('flow', 'credit')
), paid AS (
	SELECT *, coalesce(sum(flow) OVER timed, 0) AS flows, coalesce(sum(flow) FILTER (WHERE flow > 0) OVER timed, 0) AS deposits
	FROM events
	WINDOW timed AS (PARTITION BY "accountId" ORDER BY at, flow NULLS LAST ROWS UNBOUNDED PRECEDING)
), summed AS (
	SELECT max(at) AS at, sum(equity) AS equity, sum(flows) AS flows, sum(deposits) AS deposits
	FROM paid WHERE moment IS NOT NULL GROUP BY moment HAVING count(*) = cardinality($1::uuid[])
), periods AS (
	SELECT at, equity, lag(at) OVER timed AS "atBefore", equity - flows AS profit,
		lag(equity) OVER timed + deposits - lag(deposits) OVER timed AS capital,
		(equity - flows) - (lag(equity) OVER timed - lag(flows) OVER timed) AS gained
	FROM summed WINDOW timed AS (ORDER BY at)
), growths AS (
	SELECT *, sum(CASE
		WHEN capital IS NULL OR capital <= 0 THEN 0
		WHEN capital + gained <= 0 THEN -700
		ELSE ln((1 + gained / capital)::float8) END) OVER timed AS growth
	FROM periods WINDOW timed AS (ORDER BY at ROWS UNBOUNDED PRECEDING)
), falls AS (
	SELECT at, equity, max(profit) OVER timed - profit AS money,
		1 - exp(growth - greatest(0, max(growth) OVER timed)) AS share,
		at - "atBefore" > CASE
			WHEN "atBefore" < $6 THEN '25 hours' WHEN "atBefore" < $5 THEN '18 minutes' ELSE '3 minutes'
		END::interval AS "isAfterGap"
	FROM growths WINDOW timed AS (ORDER BY at ROWS UNBOUNDED PRECEDING)
)
SELECT date_bin($4::interval, at, $2) AS slot, (array_agg(equity ORDER BY at DESC))[1] AS equity,
	max(money) AS money, max(share) AS share, coalesce(bool_or("isAfterGap"), false) AS "isAfterGap"
FROM falls GROUP BY 1`;
