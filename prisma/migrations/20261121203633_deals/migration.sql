-- CreateTable
CREATE TABLE "Deal" (
    "accountId" UUID NOT NULL,
    "ticket" DECIMAL(20,0) NOT NULL,
    "kind" TEXT NOT NULL,
    "type" INTEGER NOT NULL,
    "entry" TEXT,
    "positionId" DECIMAL(20,0),
    "symbol" TEXT,
    "side" TEXT,
    "lots" DECIMAL,
    "price" DECIMAL,
    "profit" DECIMAL NOT NULL,
    "swap" DECIMAL NOT NULL,
    "commission" DECIMAL NOT NULL,
    "fee" DECIMAL NOT NULL,
    "magic" BIGINT,
    "positionMagic" BIGINT,
    "reason" INTEGER,
    "comment" TEXT,
    "serverTimeMs" BIGINT NOT NULL,
    "gmtOffsetMin" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Deal_pkey" PRIMARY KEY ("accountId","ticket")
);

-- CreateTable
CREATE TABLE "AccountSnapshot" (
    "accountId" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "balance" DECIMAL NOT NULL,
    "equity" DECIMAL NOT NULL,
    "floatingProfit" DECIMAL NOT NULL,
    "margin" DECIMAL NOT NULL,
    "openPositions" INTEGER NOT NULL,
    "openLots" DECIMAL NOT NULL,

    CONSTRAINT "AccountSnapshot_pkey" PRIMARY KEY ("accountId","at")
);

-- CreateTable
CREATE TABLE "DailyPerformance" (
    "accountId" UUID NOT NULL,
    "day" DATE NOT NULL,
    "netProfit" DECIMAL NOT NULL,
    "grossProfit" DECIMAL NOT NULL,
    "grossLoss" DECIMAL NOT NULL,
    "swap" DECIMAL NOT NULL,
    "commission" DECIMAL NOT NULL,
    "fee" DECIMAL NOT NULL,
    "trades" INTEGER NOT NULL,
    "wins" INTEGER NOT NULL,
    "losses" INTEGER NOT NULL,
    "deposits" DECIMAL NOT NULL,
    "withdrawals" DECIMAL NOT NULL,
    "lots" DECIMAL NOT NULL,

    CONSTRAINT "DailyPerformance_pkey" PRIMARY KEY ("accountId","day")
);

-- CreateIndex
CREATE INDEX "Deal_accountId_at_ticket_idx" ON "Deal"("accountId", "at", "ticket");

-- CreateIndex
CREATE INDEX "Deal_accountId_positionId_idx" ON "Deal"("accountId", "positionId");

-- AddForeignKey
ALTER TABLE "Deal" ADD CONSTRAINT "Deal_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Mt5Account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AccountSnapshot" ADD CONSTRAINT "AccountSnapshot_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Mt5Account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "DailyPerformance" ADD CONSTRAINT "DailyPerformance_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Mt5Account"("id") ON DELETE CASCADE ON UPDATE CASCADE;
