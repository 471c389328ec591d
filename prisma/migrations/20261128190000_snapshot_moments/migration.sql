-- A snapshot is of the moment at which its figures were seen, no longer of the beginning of its minute. Of each an
-- account has one at most, also where several servers write them.
CREATE UNIQUE INDEX "AccountSnapshot_accountId_minute_key"
ON "AccountSnapshot" ("accountId", date_bin('1 minute', "at", '1970-01-01 00:00:00+00'));
