-- CreateIndex
CREATE INDEX "AuditLog_at_idx" ON "AuditLog"("at" DESC);

-- CreateIndex
CREATE INDEX "SystemLog_at_idx" ON "SystemLog"("at" DESC);
