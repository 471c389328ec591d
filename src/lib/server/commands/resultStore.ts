/** The one statement that records what agents say of commands. */
import { isFinal, RESULT_STATUSES, type ResultStatus } from '#lib/domain/commandLifecycle.ts';
import type { ProofView } from '#lib/domain/views.ts';
import type { Sql } from '../db.ts';
import type { CommandRow, ResultRow } from './commandRows.ts';

/** One change of one result. A result that is final already, or another agent's, is left as it is. */
export interface ResultChange {
	commandId: string;
	accountId: string;
	agentId: string;
	status: ResultStatus;
	stage: string | null;
	errorCode: string | null;
	error: string | null;
	eaStatus: string | null;
	proof: ProofView | null;
	settledAt: Date | null;
	durationMs: number | null;
}

export interface ChangedCommand {
	command: CommandRow;
	results: ResultRow[];
	changedAccountIds: string[];
	eventSeq: bigint;
}

/** `changedBy`: the agent whose word was taken; null where none was. */
type Row = CommandRow & ResultRow & { changedBy: string | null; eventSeq: string };

const keyOf = (commandId: string, accountId: string, agentId: string | null): string =>
	`${commandId}|${accountId}|${agentId}`;

/**
 * Writes the changes, one live event per trader, and an audit line per final result, in one commit. A Start
 * that failed leaves nothing wanted running; one that expired gives back what was wanted before.
 * @param changes at most one per command, account and agent
 */
export async function storeResults(sql: Sql, changes: readonly ResultChange[]): Promise<ChangedCommand[]> {
	const { rows } = await sql.query<Row>({
		name: 'store-results',
		text: STATEMENT,
		values: [JSON.stringify(changes), changes.length, OPEN]
	});
	const latest = new Map(
		changes.map((change) => [keyOf(change.commandId, change.accountId, change.agentId), change])
	);
	const commands = new Map<string, ChangedCommand>();
	for (const row of rows) {
		const entry = commands.get(row.id) ?? {
			command: row,
			results: [],
			changedAccountIds: [],
			eventSeq: BigInt(row.eventSeq)
		};
		commands.set(row.id, entry);
		// The statement sees the rows as they were before it; what it changed is laid over them here.
		const change = latest.get(keyOf(row.commandId, row.accountId, row.changedBy));
		entry.results.push(change ? { ...row, ...change, proof: change.proof ?? row.proof } : row);
		if (change) entry.changedAccountIds.push(row.accountId);
	}
	return [...commands.values()];
}

const OPEN = RESULT_STATUSES.filter((status) => !isFinal(status));

// Results are to be found by their keys. The LIMIT takes nothing away, but with it PostgreSQL reckons with few; and the
// statuses come as a parameter, or it would read the index of open results, which keeps an entry of every result since
// the last vacuum.
const STATEMENT = `
WITH input AS (
	SELECT * FROM jsonb_to_recordset($1::jsonb) AS x(
		"commandId" uuid, "accountId" uuid, "agentId" uuid, status text, stage text, "errorCode" text, error text,
		"eaStatus" text, proof jsonb, "settledAt" timestamptz, "durationMs" int)
	LIMIT $2
), changed AS (
	UPDATE "EaCommandResult" r
	SET status = i.status, stage = i.stage, "errorCode" = i."errorCode", error = i.error, "eaStatus" = i."eaStatus",
		proof = coalesce(i.proof, r.proof), "settledAt" = i."settledAt", "durationMs" = i."durationMs"
	FROM input i
	WHERE r."commandId" = i."commandId" AND r."accountId" = i."accountId" AND r."agentId" = i."agentId"
		AND r.status = ANY($3::text[])
	RETURNING r."commandId", r."accountId", r."agentId", r.generation, r."wantedBefore", r.status, r."errorCode", r."durationMs"
), commands AS (
	SELECT c.* FROM "EaCommand" c WHERE c.id IN (SELECT ch."commandId" FROM changed ch)
), wanted AS (
	UPDATE "AccountState" s
	SET wanted = CASE WHEN ch.status = 'expired' THEN ch."wantedBefore" ELSE 'STOPPED' END
	FROM changed ch JOIN commands c ON c.id = ch."commandId"
	WHERE c.kind = 'START_EA' AND ch.status IN ('failed', 'expired')
		AND s."accountId" = ch."accountId" AND s."wantedGeneration" = ch.generation
), counter AS (
	UPDATE "User" u SET "eventSeq" = u."eventSeq" + 1
	WHERE u.id IN (SELECT c."userId" FROM commands c) RETURNING u.id, u."eventSeq"
), event AS (
	INSERT INTO "LiveEvent" ("userId", seq, type, payload)
	SELECT n.id, n."eventSeq", 'results',
		jsonb_build_object('commandIds', (SELECT jsonb_agg(c.id) FROM commands c WHERE c."userId" = n.id))
	FROM counter n
), audit AS (
	INSERT INTO "AuditLog" (id, "userId", action, "targetType", "targetId", detail)
	SELECT gen_random_uuid(), c."userId", 'command.result', 'account', ch."accountId"::text,
		jsonb_build_object('commandId', c.id, 'kind', c.kind, 'status', ch.status, 'errorCode', ch."errorCode",
			'durationMs', ch."durationMs")
	FROM changed ch JOIN commands c ON c.id = ch."commandId"
	WHERE ch.status <> ALL($3::text[])
)
SELECT c.id, c."userId", c.kind, c."closePositions", c."createdAt", c."deadlineAt", c."readAt", c."issuedBy",
	r."commandId", r."accountId", r."accountNumber", r."accountName", r.broker, r."accountKind", r.status, r.stage,
	r."errorCode", r.error, r."eaStatus", r.proof, r."settledAt", r."durationMs",
	ch."agentId" AS "changedBy", n."eventSeq"
FROM commands c
JOIN "EaCommandResult" r ON r."commandId" = c.id
JOIN counter n ON n.id = c."userId"
LEFT JOIN changed ch ON ch."commandId" = r."commandId" AND ch."accountId" = r."accountId"
ORDER BY c.id, r."accountName", r."accountId"`;
