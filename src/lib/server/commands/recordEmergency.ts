import type { Database } from '../db.ts';
import type { EmergencyCommand, RecordEmergency } from './emergencyStop.ts';

/**
 * Writes an emergency Stop down as if it had been committed before it was sent: command, results, wanted state
 * and generations, live event, audit line.
 */
export const createRecordEmergency =
	(db: Database): RecordEmergency =>
	async ({ command, caller, idempotencyKey, results }: EmergencyCommand) => {
		const { rows } = await db.pool.query<{ eventSeq: string }>(STATEMENT, [
			command.id,
			command.userId,
			command.closePositions,
			idempotencyKey,
			command.createdAt,
			JSON.stringify(
				results.map(({ accountId, agentId, epoch, generation, closePositions, known }) => ({
					accountId,
					agentId,
					epoch,
					generation,
					closePositions,
					accountNumber: known.accountNumber,
					accountName: known.name,
					broker: known.broker,
					accountKind: known.kind
				}))
			),
			caller.origin.ip,
			caller.origin.userAgent
		]);
		return rows[0] ? BigInt(rows[0].eventSeq) : null;
	};

// The key may be taken by a Stop whose commit went through although its answer was lost; then this is another.
const STATEMENT = `
WITH input AS (
	SELECT * FROM jsonb_to_recordset($6::jsonb) AS x(
		"accountId" uuid, "agentId" uuid, epoch int, generation bigint, "closePositions" boolean,
		"accountNumber" text, "accountName" text, broker text, "accountKind" "AccountKind")
), command AS (
	INSERT INTO "EaCommand" (id, "userId", kind, "closePositions", "idempotencyKey", "requestHash", "createdAt")
	SELECT $1, $2, 'STOP_EA', $3,
		CASE WHEN EXISTS (SELECT 1 FROM "EaCommand" e WHERE e."userId" = $2 AND e."idempotencyKey" = $4::text) THEN NULL ELSE $4 END,
		'emergency', $5
	ON CONFLICT (id) DO NOTHING RETURNING id
), wanted AS (
	UPDATE "AccountState" s
	SET wanted = 'STOPPED', "wantedGeneration" = i.generation, "wantedAt" = $5
	FROM input i, command WHERE s."accountId" = i."accountId" AND s."wantedGeneration" < i.generation
), results AS (
	INSERT INTO "EaCommandResult" ("commandId", "accountId", "accountNumber", "accountName", broker, "accountKind",
		generation, "wantedBefore", "agentId", epoch, "closePositions", status, "createdAt", "dispatchedAt")
	SELECT c.id, i."accountId", i."accountNumber", i."accountName", i.broker, i."accountKind", i.generation,
		coalesce(s.wanted, 'STOPPED'), i."agentId", i.epoch, i."closePositions", 'dispatched', $5, $5
	FROM input i CROSS JOIN command c LEFT JOIN "AccountState" s ON s."accountId" = i."accountId"
), counter AS (
	UPDATE "User" SET "eventSeq" = "eventSeq" + 1 WHERE id = $2 AND EXISTS (SELECT 1 FROM command) RETURNING "eventSeq"
), event AS (
	INSERT INTO "LiveEvent" ("userId", seq, type, payload)
	SELECT $2, n."eventSeq", 'command', jsonb_build_object('commandIds', jsonb_build_array($1::uuid)) FROM counter n
), audit AS (
	INSERT INTO "AuditLog" (id, at, "userId", action, "targetType", "targetId", ip, "userAgent", detail)
	SELECT gen_random_uuid(), $5, $2, 'command.stop_ea', 'command', c.id::text, $7, $8,
		jsonb_build_object('isEmergency', true, 'closePositions', $3::boolean,
			'accountIds', (SELECT jsonb_agg(i."accountId") FROM input i))
	FROM command c
)
SELECT n."eventSeq" FROM counter n`;
