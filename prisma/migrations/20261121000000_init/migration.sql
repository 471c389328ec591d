-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "Role" AS ENUM ('TRADER', 'OPERATOR');

-- CreateEnum
CREATE TYPE "AccountKind" AS ENUM ('DEMO', 'REAL');

-- CreateEnum
CREATE TYPE "AccountStatus" AS ENUM ('DRAFT', 'ACTIVE', 'INACTIVE');

-- CreateEnum
CREATE TYPE "SafetyMode" AS ENUM ('GREEN', 'AMBER', 'RED');

-- CreateEnum
CREATE TYPE "WantedState" AS ENUM ('RUNNING', 'PAUSED', 'STOPPED');

-- CreateEnum
CREATE TYPE "CommandKind" AS ENUM ('START_EA', 'PAUSE_EA', 'STOP_EA');

-- CreateTable
CREATE TABLE "User" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "passwordHash" TEXT NOT NULL,
    "role" "Role" NOT NULL DEFAULT 'TRADER',
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "maxLotSize" DECIMAL(10,2) NOT NULL DEFAULT 1,
    "maxLoss" DECIMAL(14,2) NOT NULL DEFAULT 500,
    "safetyMode" "SafetyMode" NOT NULL DEFAULT 'GREEN',
    "closePositionsOnStop" BOOLEAN NOT NULL DEFAULT false,
    "eventSeq" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Session" (
    "id" TEXT NOT NULL,
    "userId" UUID NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "ip" TEXT,
    "userAgent" TEXT,

    CONSTRAINT "Session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Mt5Account" (
    "id" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "accountNumber" TEXT NOT NULL,
    "serverName" TEXT NOT NULL,
    "broker" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "currency" TEXT NOT NULL DEFAULT 'USD',
    "kind" "AccountKind" NOT NULL DEFAULT 'DEMO',
    "status" "AccountStatus" NOT NULL DEFAULT 'ACTIVE',
    "isEnabledForTrading" BOOLEAN NOT NULL DEFAULT false,
    "isPrimary" BOOLEAN NOT NULL DEFAULT false,
    "sealedPassword" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,
    "maxLotSize" DECIMAL(10,2),
    "maxLoss" DECIMAL(14,2),
    "safetyMode" "SafetyMode",
    "closePositionsOnStop" BOOLEAN,
    "expertPath" TEXT NOT NULL DEFAULT 'Quintet\EATemplate',
    "expertSymbol" TEXT NOT NULL DEFAULT 'EURUSD',
    "expertTimeframe" TEXT NOT NULL DEFAULT 'M15',
    "expertMagic" INTEGER NOT NULL DEFAULT 505001,

    CONSTRAINT "Mt5Account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Agent" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "publicKey" TEXT NOT NULL,
    "machine" JSONB NOT NULL,
    "version" TEXT NOT NULL,
    "capacity" INTEGER NOT NULL,
    "enrolledAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastSeenAt" TIMESTAMPTZ(3),
    "revokedAt" TIMESTAMPTZ(3),
    "connSeq" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "Agent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AgentJoinCode" (
    "codeHash" TEXT NOT NULL,
    "createdById" UUID NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "usedAt" TIMESTAMPTZ(3),

    CONSTRAINT "AgentJoinCode_pkey" PRIMARY KEY ("codeHash")
);

-- CreateTable
CREATE TABLE "Mt5AccountAssignment" (
    "accountId" UUID NOT NULL,
    "agentId" UUID NOT NULL,
    "epoch" INTEGER NOT NULL DEFAULT 1,
    "assignedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Mt5AccountAssignment_pkey" PRIMARY KEY ("accountId")
);

-- CreateTable
CREATE TABLE "AccountState" (
    "accountId" UUID NOT NULL,
    "wanted" "WantedState" NOT NULL DEFAULT 'STOPPED',
    "wantedGeneration" BIGINT NOT NULL DEFAULT 0,
    "wantedAt" TIMESTAMPTZ(3),
    "seen" JSONB,
    "seenAt" TIMESTAMPTZ(3),

    CONSTRAINT "AccountState_pkey" PRIMARY KEY ("accountId")
);

-- CreateTable
CREATE TABLE "EaCommand" (
    "id" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "kind" "CommandKind" NOT NULL,
    "closePositions" BOOLEAN NOT NULL,
    "idempotencyKey" TEXT,
    "requestHash" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "deadlineAt" TIMESTAMPTZ(3),
    "readAt" TIMESTAMPTZ(3),

    CONSTRAINT "EaCommand_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "EaCommandResult" (
    "commandId" UUID NOT NULL,
    "accountId" UUID NOT NULL,
    "accountNumber" TEXT NOT NULL,
    "accountName" TEXT NOT NULL,
    "broker" TEXT NOT NULL,
    "accountKind" "AccountKind" NOT NULL,
    "generation" BIGINT NOT NULL,
    "wantedBefore" "WantedState" NOT NULL,
    "agentId" UUID,
    "epoch" INTEGER,
    "closePositions" BOOLEAN NOT NULL,
    "status" TEXT NOT NULL,
    "stage" TEXT,
    "errorCode" TEXT,
    "error" TEXT,
    "eaStatus" TEXT,
    "proof" JSONB,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "dispatchedAt" TIMESTAMPTZ(3),
    "settledAt" TIMESTAMPTZ(3),
    "durationMs" INTEGER,

    CONSTRAINT "EaCommandResult_pkey" PRIMARY KEY ("commandId","accountId")
);

-- CreateTable
CREATE TABLE "LiveEvent" (
    "userId" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "type" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "LiveEvent_pkey" PRIMARY KEY ("userId","seq")
);

-- CreateTable
CREATE TABLE "AuditLog" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "userId" UUID,
    "action" TEXT NOT NULL,
    "targetType" TEXT,
    "targetId" TEXT,
    "ip" TEXT,
    "userAgent" TEXT,
    "detail" JSONB NOT NULL,

    CONSTRAINT "AuditLog_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "SystemLog" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "level" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "agentId" UUID,
    "accountId" UUID,
    "userId" UUID,
    "message" TEXT NOT NULL,
    "detail" JSONB,

    CONSTRAINT "SystemLog_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "User_email_key" ON "User"("email");

-- CreateIndex
CREATE INDEX "Session_userId_idx" ON "Session"("userId");

-- CreateIndex
CREATE INDEX "Session_expiresAt_idx" ON "Session"("expiresAt");

-- CreateIndex
CREATE UNIQUE INDEX "Mt5Account_userId_accountNumber_serverName_key" ON "Mt5Account"("userId", "accountNumber", "serverName");

-- CreateIndex
CREATE UNIQUE INDEX "Agent_publicKey_key" ON "Agent"("publicKey");

-- CreateIndex
CREATE INDEX "Mt5AccountAssignment_agentId_idx" ON "Mt5AccountAssignment"("agentId");

-- CreateIndex
CREATE INDEX "EaCommand_userId_createdAt_idx" ON "EaCommand"("userId", "createdAt" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "EaCommand_userId_idempotencyKey_key" ON "EaCommand"("userId", "idempotencyKey");

-- CreateIndex
CREATE INDEX "EaCommandResult_accountId_generation_idx" ON "EaCommandResult"("accountId", "generation");

-- CreateIndex
CREATE INDEX "LiveEvent_at_idx" ON "LiveEvent"("at");

-- CreateIndex
CREATE INDEX "AuditLog_userId_at_idx" ON "AuditLog"("userId", "at" DESC);

-- CreateIndex
CREATE INDEX "SystemLog_userId_at_idx" ON "SystemLog"("userId", "at" DESC);

-- CreateIndex
CREATE INDEX "SystemLog_agentId_at_idx" ON "SystemLog"("agentId", "at" DESC);

-- AddForeignKey
ALTER TABLE "Session" ADD CONSTRAINT "Session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Mt5Account" ADD CONSTRAINT "Mt5Account_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AgentJoinCode" ADD CONSTRAINT "AgentJoinCode_createdById_fkey" FOREIGN KEY ("createdById") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Mt5AccountAssignment" ADD CONSTRAINT "Mt5AccountAssignment_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Mt5Account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Mt5AccountAssignment" ADD CONSTRAINT "Mt5AccountAssignment_agentId_fkey" FOREIGN KEY ("agentId") REFERENCES "Agent"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AccountState" ADD CONSTRAINT "AccountState_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Mt5Account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "EaCommand" ADD CONSTRAINT "EaCommand_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "EaCommandResult" ADD CONSTRAINT "EaCommandResult_commandId_fkey" FOREIGN KEY ("commandId") REFERENCES "EaCommand"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LiveEvent" ADD CONSTRAINT "LiveEvent_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Written by hand: the loop that looks for work nobody reports on asks for open results every second.
CREATE INDEX "EaCommandResult_open_idx" ON "EaCommandResult" ("agentId")
  WHERE status IN ('dispatched', 'executing', 'waiting', 'timeout');

-- At most one primary account per trader, whatever the code does.
CREATE UNIQUE INDEX "Mt5Account_one_primary_idx" ON "Mt5Account" ("userId") WHERE "isPrimary";
