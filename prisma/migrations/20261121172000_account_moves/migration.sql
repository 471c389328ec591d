-- AlterTable
ALTER TABLE "Agent" ADD COLUMN     "capabilities" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "Mt5AccountAssignment" ADD COLUMN     "moveRequestedAt" TIMESTAMPTZ(3),
ADD COLUMN     "moveRequestedBy" TEXT,
ADD COLUMN     "moveRequestedById" UUID,
ADD COLUMN     "moveToAgentId" UUID;

-- CreateTable
CREATE TABLE "AccountRelease" (
    "accountId" UUID NOT NULL,
    "agentId" UUID NOT NULL,
    "epoch" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "askedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "provenAt" TIMESTAMPTZ(3),

    CONSTRAINT "AccountRelease_pkey" PRIMARY KEY ("accountId","agentId")
);

-- CreateIndex
CREATE INDEX "AccountRelease_agentId_idx" ON "AccountRelease"("agentId");

-- AddForeignKey
ALTER TABLE "AccountRelease" ADD CONSTRAINT "AccountRelease_agentId_fkey" FOREIGN KEY ("agentId") REFERENCES "Agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;
