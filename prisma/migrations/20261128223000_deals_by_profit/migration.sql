-- A page of the deals by what they brought, however far in.
CREATE INDEX "Deal_profit_idx" ON "Deal"("accountId", "profit", "ticket");
