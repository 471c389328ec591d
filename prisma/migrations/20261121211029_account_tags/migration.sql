-- AlterTable
ALTER TABLE "Mt5Account" ADD COLUMN     "tags" TEXT[] DEFAULT ARRAY[]::TEXT[];
