-- AlterTable
ALTER TABLE "Mt5Account" ALTER COLUMN "sealedPassword" DROP NOT NULL;
