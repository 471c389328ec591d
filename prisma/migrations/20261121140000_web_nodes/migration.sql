-- AlterTable
ALTER TABLE "Agent" ADD COLUMN     "nodeId" UUID;

-- CreateTable
CREATE TABLE "ServerNode" (
    "id" UUID NOT NULL,
    "host" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "isOnBus" BOOLEAN NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "aliveAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ServerNode_pkey" PRIMARY KEY ("id")
);
