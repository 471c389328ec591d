-- CreateIndex
CREATE INDEX "SystemLog_accountId_at_idx" ON "SystemLog"("accountId", "at" DESC);
