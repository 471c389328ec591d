-- AlterTable
ALTER TABLE "Agent" ADD COLUMN     "keysSince" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN     "newKeysOrderedAt" TIMESTAMPTZ(3);

-- Keys from before are as old as their last change, of which only the ten minutes after it left a trace.
UPDATE "Agent" SET "keysSince" = coalesce("previousKeyUntil" - interval '10 minutes', "enrolledAt");
