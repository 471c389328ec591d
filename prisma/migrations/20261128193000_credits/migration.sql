-- Credits and bonuses change what the broker lends, not the balance: they are no deposits and no profit. What the broker
-- gives after a stop out is a deposit. The days on which there are such deals are counted anew, by the same sums as in
-- src/lib/server/deals/dailyPerformance.ts.
UPDATE "Deal" SET kind = CASE WHEN type = 19 THEN 'flow' ELSE 'credit' END
WHERE kind IN ('flow', 'charge') AND type IN (3, 6, 19, 20);

UPDATE "DailyPerformance" AS p SET "netProfit" = s."netProfit", swap = s.swap, commission = s.commission, fee = s.fee,
	deposits = s.deposits, withdrawals = s.withdrawals
FROM (SELECT DISTINCT "accountId", (at AT TIME ZONE 'UTC')::date AS day FROM "Deal" WHERE type IN (3, 6, 19, 20)) AS touched
CROSS JOIN LATERAL (
	SELECT coalesce(sum(amount) FILTER (WHERE kind IN ('trade', 'charge')), 0) AS "netProfit",
		coalesce(sum(d.swap) FILTER (WHERE kind IN ('trade', 'charge')), 0) AS swap,
		coalesce(sum(d.commission) FILTER (WHERE kind IN ('trade', 'charge')), 0) AS commission,
		coalesce(sum(d.fee) FILTER (WHERE kind IN ('trade', 'charge')), 0) AS fee,
		coalesce(sum(amount) FILTER (WHERE kind = 'flow' AND amount > 0), 0) AS deposits,
		coalesce(-sum(amount) FILTER (WHERE kind = 'flow' AND amount < 0), 0) AS withdrawals
	FROM (
		SELECT *, profit + swap + commission + fee AS amount FROM "Deal"
		WHERE "accountId" = touched."accountId" AND at >= touched.day::timestamp AT TIME ZONE 'UTC'
			AND at < (touched.day + 1)::timestamp AT TIME ZONE 'UTC'
	) AS d
) AS s
WHERE p."accountId" = touched."accountId" AND p.day = touched.day;

-- A day with credits alone is no day on which the balance changed.
DELETE FROM "DailyPerformance" AS p
USING (SELECT DISTINCT "accountId", (at AT TIME ZONE 'UTC')::date AS day FROM "Deal" WHERE kind = 'credit') AS touched
WHERE p."accountId" = touched."accountId" AND p.day = touched.day AND NOT EXISTS (
	SELECT 1 FROM "Deal" AS d
	WHERE d."accountId" = touched."accountId" AND d.at >= touched.day::timestamp AT TIME ZONE 'UTC'
		AND d.at < (touched.day + 1)::timestamp AT TIME ZONE 'UTC' AND d.kind <> 'credit'
);
