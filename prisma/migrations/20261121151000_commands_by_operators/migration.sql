-- AlterTable
ALTER TABLE "EaCommand" ADD COLUMN     "issuedBy" TEXT;
