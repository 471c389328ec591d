import { uuidv7 } from 'uuidv7';
import { WANTED_BY } from '#lib/domain/commandTransitions.ts';
import type { Caller } from '../app.ts';
import type { Sql } from '../db.ts';
import { KIND_OF_DB, type CommandRow } from './commandRows.ts';
import type { PlannedResult } from './planCommand.ts';

export interface CommandToStore {
	command: CommandRow;
	idempotencyKey: string | null;
	requestHash: string;
	plan: PlannedResult[];
	closeOf(planned: PlannedResult): boolean;
	caller: Caller;
}

export interface StoredCommand {
	/** Of each account: the generation it got. */
	generations: Map<string, number>;
	eventSeq: bigint;
	/** Commands of which a result was superseded unsent. */
	supersededCommandIds: string[];
}

/**
 * Everything one command writes, as one statement of the caller's transaction: the command, the next
 * generation and wanted state of each account, one result each, the audit line, and the live event. A Stop or
 * Pause that was still waiting for its agent is superseded here; it was never sent, so that is proven.
 */
export async function storeCommand(
	sql: Sql,
	{ command, idempotencyKey, requestHash, plan, closeOf, caller }: CommandToStore
): Promise<StoredCommand> {
	const input = plan.map((planned) => ({
		accountId: planned.row.id,
		accountNumber: planned.row.accountNumber,
		accountName: planned.row.name,
		broker: planned.row.broker,
		accountKind: planned.row.kind,
		wantedBefore: planned.row.wanted,
		agentId: planned.row.agentId,
		epoch: planned.row.epoch,
		closePositions: closeOf(planned),
		status: planned.status,
		errorCode: planned.errorCode,
		error: planned.error,
		isWanted: planned.isWanted
	}));
	const { rows } = await sql.query<{
		generations: Record<string, number>;
		eventSeq: string;
		superseded: string[];
	}>({
		name: 'store-command',
		text: STATEMENT,
		values: [
			command.id,
			command.userId,
			command.kind,
			command.closePositions,
			idempotencyKey,
			requestHash,
			command.createdAt,
			command.deadlineAt,
			JSON.stringify(input),
			WANTED_BY[KIND_OF_DB[command.kind]],
			uuidv7(),
			caller.origin.ip,
			caller.origin.userAgent,
			command.issuedBy,
			caller.operator?.userId ?? null,
			input.length
		]
	});
	const [row] = rows;
	if (!row) throw new Error('storing a command gave no answer');
	return {
		generations: new Map(Object.entries(row.generations)),
		eventSeq: BigInt(row.eventSeq),
		supersededCommandIds: row.superseded
	};
}

/** The trader's command that was given with this Idempotency-Key. */
export async function findCommandByKey(
	sql: Sql,
	userId: string,
	key: string
): Promise<{ id: string; requestHash: string } | null> {
	const { rows } = await sql.query<{ id: string; requestHash: string }>(
		`SELECT id, "requestHash" FROM "EaCommand" WHERE "userId" = $1 AND "idempotencyKey" = $2`,
		[userId, key]
	);
	return rows[0] ?? null;
}

// The LIMIT takes nothing away: with it PostgreSQL reckons with ten accounts where it would with a hundred, and finds
// their rows by their keys instead of reading whole tables.
const STATEMENT = `
WITH input AS (
	SELECT * FROM jsonb_to_recordset($9::jsonb) AS x(
		"accountId" uuid, "accountNumber" text, "accountName" text, broker text, "accountKind" "AccountKind",
		"wantedBefore" "WantedState", "agentId" uuid, epoch int, "closePositions" boolean, status text,
		"errorCode" text, error text, "isWanted" boolean)
	LIMIT $16
), command AS (
	INSERT INTO "EaCommand" (id, "userId", kind, "closePositions", "idempotencyKey", "requestHash", "createdAt", "deadlineAt",
		"issuedBy")
	VALUES ($1, $2, $3::"CommandKind", $4, $5, $6, $7, $8, $14)
), wanted AS (
	UPDATE "AccountState" s
	SET wanted = $10::"WantedState", "wantedGeneration" = s."wantedGeneration" + 1, "wantedAt" = $7
	FROM input i WHERE s."accountId" = i."accountId" AND i."isWanted"
	RETURNING s."accountId", s."wantedGeneration"
), superseded AS (
	UPDATE "EaCommandResult" r
	SET status = 'superseded', "settledAt" = $7, "errorCode" = 'superseded',
		error = 'A newer command took its place before it was sent.'
	FROM wanted w WHERE r."accountId" = w."accountId" AND r.status = 'waiting'
	RETURNING r."commandId"
), results AS (
	INSERT INTO "EaCommandResult" ("commandId", "accountId", "accountNumber", "accountName", broker, "accountKind",
		generation, "wantedBefore", "agentId", epoch, "closePositions", status, "errorCode", error, "createdAt",
		"dispatchedAt", "settledAt")
	SELECT $1, i."accountId", i."accountNumber", i."accountName", i.broker, i."accountKind",
		coalesce(w."wantedGeneration", 0), i."wantedBefore", i."agentId", i.epoch, i."closePositions", i.status,
		i."errorCode", i.error, $7,
		CASE WHEN i.status = 'dispatched' THEN $7::timestamptz END,
		CASE WHEN i.status IN ('agent_offline', 'failed') THEN $7::timestamptz END
	FROM input i LEFT JOIN wanted w ON w."accountId" = i."accountId"
	RETURNING "accountId", generation
), counter AS (
	UPDATE "User" SET "eventSeq" = "eventSeq" + 1 WHERE id = $2 RETURNING "eventSeq"
), event AS (
	INSERT INTO "LiveEvent" ("userId", seq, type, payload)
	SELECT $2, c."eventSeq", 'command',
		jsonb_build_object('commandIds', (SELECT jsonb_build_array($1::uuid) || coalesce(jsonb_agg(DISTINCT s."commandId"), '[]') FROM superseded s))
	FROM counter c
), audit AS (
	INSERT INTO "AuditLog" (id, at, "userId", action, "targetType", "targetId", ip, "userAgent", detail)
	VALUES ($11, $7, coalesce($15::uuid, $2), 'command.' || lower($3::text), 'command', $1::text, $12, $13,
		jsonb_build_object('traderId', $2::uuid, 'closePositions', $4::boolean, 'accountIds', (SELECT jsonb_agg(i."accountId") FROM input i)))
)
SELECT (SELECT jsonb_object_agg(r."accountId", r.generation) FROM results r) AS generations,
	(SELECT c."eventSeq" FROM counter c) AS "eventSeq",
	(SELECT coalesce(jsonb_agg(DISTINCT s."commandId"), '[]') FROM superseded s) AS superseded`;
