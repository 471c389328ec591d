-- Every command looks for Stops and Pauses of its accounts that still wait to be sent. There are hardly ever any, while
-- the index of open results keeps an entry of every result since the last vacuum.
CREATE INDEX "EaCommandResult_waiting_idx" ON "EaCommandResult" ("accountId") WHERE status = 'waiting';
