-- CreateTable
CREATE TABLE "Trade" (
    "accountId" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "ticket" DECIMAL(20,0) NOT NULL,
    "symbol" TEXT NOT NULL,
    "lots" DECIMAL NOT NULL,
    "net" DECIMAL NOT NULL,
    "heldMs" BIGINT,

    CONSTRAINT "Trade_pkey" PRIMARY KEY ("accountId","at","ticket")
);

-- AddForeignKey
ALTER TABLE "Trade" ADD CONSTRAINT "Trade_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Mt5Account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A page of the deals of one symbol, and of the few that are no trades, wherever in the past they lie.
CREATE INDEX "Deal_symbol_idx" ON "Deal"("accountId", upper("symbol"), "at", "ticket");
CREATE INDEX "Deal_kind_idx" ON "Deal"("accountId", "kind", "at", "ticket") WHERE "kind" <> 'trade';

-- The trades of the deals that are there already, by the rules of the statement that writes them with new ones.
WITH RECURSIVE changed AS (
	SELECT DISTINCT "accountId", "positionId" FROM "Deal" WHERE kind = 'trade'
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
		CASE WHEN w.closed >= w.volume THEN w.cost
			ELSE round((w.cost * (w.closed))::numeric(80, 30) / w.volume, 8) END AS gone,
		CASE WHEN w.closed + s.lots >= w.volume THEN w.cost
			ELSE round((w.cost * (w.closed + s.lots))::numeric(80, 30) / w.volume, 8) END AS going
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
FROM walk w JOIN step s USING ("accountId", "positionId", n) WHERE w.net IS NOT NULL;
