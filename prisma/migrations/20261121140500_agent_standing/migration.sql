-- AlterTable
ALTER TABLE "Agent" ADD COLUMN     "approvedAt" TIMESTAMPTZ(3),
ADD COLUMN     "approvedById" UUID,
ADD COLUMN     "connSeqConfirmed" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "lockReason" TEXT,
ADD COLUMN     "lockedAt" TIMESTAMPTZ(3),
ADD COLUMN     "previousKeyUntil" TIMESTAMPTZ(3),
ADD COLUMN     "previousPublicKey" TEXT,
ADD COLUMN     "sealKey" TEXT,
ADD COLUMN     "standingAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;

-- AlterTable
ALTER TABLE "AgentJoinCode" ADD COLUMN     "agentId" UUID;

-- Agents from before there was an approval were let in by their join code.
UPDATE "Agent" SET "approvedAt" = "enrolledAt";

-- CreateIndex
CREATE INDEX "Agent_standingAt_idx" ON "Agent"("standingAt");

-- AddForeignKey
ALTER TABLE "AgentJoinCode" ADD CONSTRAINT "AgentJoinCode_agentId_fkey" FOREIGN KEY ("agentId") REFERENCES "Agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;
