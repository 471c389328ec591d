-- CreateEnum
CREATE TYPE "TradeClock" AS ENUM ('MINE', 'BROKER', 'UTC');

-- AlterTable
ALTER TABLE "User" ADD COLUMN     "hasShortcuts" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN     "tradeClock" "TradeClock" NOT NULL DEFAULT 'MINE';

