-- AlterTable
ALTER TABLE "Mt5Account" ADD COLUMN     "pauseAfterLossMinutes" INTEGER,
ADD COLUMN     "resumesByItself" BOOLEAN NOT NULL DEFAULT true;
