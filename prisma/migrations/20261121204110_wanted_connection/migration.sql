-- AlterTable
ALTER TABLE "Mt5Account" ADD COLUMN     "isConnectionWanted" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN     "reconnectAskedAt" TIMESTAMPTZ(3);
