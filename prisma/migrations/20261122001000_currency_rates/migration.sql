-- AlterTable
ALTER TABLE "User" ADD COLUMN     "totalCurrency" TEXT;

-- CreateTable
CREATE TABLE "CurrencyRate" (
    "userId" UUID NOT NULL,
    "fromCurrency" TEXT NOT NULL,
    "toCurrency" TEXT NOT NULL,
    "rate" DECIMAL NOT NULL,
    "setAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "CurrencyRate_pkey" PRIMARY KEY ("userId","fromCurrency","toCurrency")
);

-- AddForeignKey
ALTER TABLE "CurrencyRate" ADD CONSTRAINT "CurrencyRate_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
