-- CreateTable
CREATE TABLE "ConnectionChange" (
    "id" UUID NOT NULL,
    "accountId" UUID NOT NULL,
    "agentId" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "connection" TEXT NOT NULL,
    "reason" TEXT,
    "remedy" TEXT,
    "retries" INTEGER NOT NULL,
    "isWanted" BOOLEAN NOT NULL,

    CONSTRAINT "ConnectionChange_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "ConnectionChange_accountId_at_id_idx" ON "ConnectionChange"("accountId", "at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "ConnectionChange_at_idx" ON "ConnectionChange"("at");

-- AddForeignKey
ALTER TABLE "ConnectionChange" ADD CONSTRAINT "ConnectionChange_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Mt5Account"("id") ON DELETE CASCADE ON UPDATE CASCADE;
