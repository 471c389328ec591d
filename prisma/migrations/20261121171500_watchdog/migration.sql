-- AlterTable
ALTER TABLE "Agent" ADD COLUMN     "load" JSONB,
ADD COLUMN     "loadAt" TIMESTAMPTZ(3),
ADD COLUMN     "takesAccounts" BOOLEAN NOT NULL DEFAULT true;

-- AlterTable
ALTER TABLE "Mt5Account" ADD COLUMN     "isWatchdogOn" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN     "watchdogAskedAt" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "WatchdogIncident" (
    "id" UUID NOT NULL,
    "accountId" UUID NOT NULL,
    "agentId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "detectedAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt" TIMESTAMPTZ(3),
    "outcome" TEXT,
    "restarts" INTEGER NOT NULL,
    "steps" JSONB NOT NULL,
    "openPositions" INTEGER,
    "unprotectedPositions" INTEGER,

    CONSTRAINT "WatchdogIncident_pkey" PRIMARY KEY ("accountId","id")
);

-- CreateIndex
CREATE INDEX "WatchdogIncident_accountId_startedAt_id_idx" ON "WatchdogIncident"("accountId", "startedAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "WatchdogIncident_agentId_startedAt_id_idx" ON "WatchdogIncident"("agentId", "startedAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "WatchdogIncident_startedAt_idx" ON "WatchdogIncident"("startedAt");

-- AddForeignKey
ALTER TABLE "WatchdogIncident" ADD CONSTRAINT "WatchdogIncident_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Mt5Account"("id") ON DELETE CASCADE ON UPDATE CASCADE;
