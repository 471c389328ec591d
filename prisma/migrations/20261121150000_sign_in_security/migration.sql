-- Sessions: a name for the page, idle expiry, and when they were last confirmed. Rows from before get theirs.
ALTER TABLE "Session" ADD COLUMN "publicId" UUID NOT NULL DEFAULT gen_random_uuid(),
  ADD COLUMN "lastUsedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  ADD COLUMN "confirmedAt" TIMESTAMPTZ(3);
CREATE UNIQUE INDEX "Session_publicId_key" ON "Session"("publicId");

-- Second factor.
ALTER TABLE "User" ADD COLUMN "totpSecret" TEXT,
  ADD COLUMN "totpEnabledAt" TIMESTAMPTZ(3),
  ADD COLUMN "totpLastStep" BIGINT NOT NULL DEFAULT 0;

CREATE TABLE "PendingSignIn" (
    "id" TEXT NOT NULL,
    "userId" UUID NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "PendingSignIn_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "PendingSignIn_expiresAt_idx" ON "PendingSignIn"("expiresAt");
ALTER TABLE "PendingSignIn" ADD CONSTRAINT "PendingSignIn_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "RecoveryCode" (
    "userId" UUID NOT NULL,
    "codeHash" TEXT NOT NULL,
    "usedAt" TIMESTAMPTZ(3),

    CONSTRAINT "RecoveryCode_pkey" PRIMARY KEY ("userId","codeHash")
);
ALTER TABLE "RecoveryCode" ADD CONSTRAINT "RecoveryCode_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- The audit log only grows. Nothing the application does may change or remove a line, so the database refuses
-- it. No foreign key leads out of the table: deleting a user or an account leaves its lines as they are.
--
-- A retention job has to be a deed of its own, by a role of its own (the table's owner, never the one the web
-- server connects as): in one transaction, ALTER TABLE "AuditLog" DISABLE TRIGGER USER, delete the lines older
-- than what must be kept, write one line that says who removed what up to when, ENABLE TRIGGER USER. Where the
-- web server connects as a role that owns nothing (GRANT SELECT, INSERT on this table alone), it cannot
-- disable the triggers either.
-- (\073 is a semicolon: the migration engine cuts a script at every one, also within quotes.)
CREATE FUNCTION "refuseAuditLogChange"() RETURNS trigger LANGUAGE plpgsql AS E'
BEGIN
  RAISE EXCEPTION ''The audit log is append-only: % is refused.'', TG_OP USING ERRCODE = ''insufficient_privilege''\073
END';
CREATE TRIGGER "AuditLog_append_only" BEFORE UPDATE OR DELETE ON "AuditLog"
  FOR EACH ROW EXECUTE FUNCTION "refuseAuditLogChange"();
CREATE TRIGGER "AuditLog_no_truncate" BEFORE TRUNCATE ON "AuditLog"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuseAuditLogChange"();
