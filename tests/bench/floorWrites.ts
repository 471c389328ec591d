/** The rows that one press must write, by hand: what no implementation can leave out. */
import type pg from 'pg';

/** A trader's rows, as the product has them. */
export interface FloorTrader {
	userId: string;
	accountIds: string[];
}

/** Command, results, generations, event and audit line, in one commit. */
export async function writeCommand(
	client: pg.ClientBase,
	trader: FloorTrader,
	commandId: string
): Promise<void> {
	const { userId, accountIds } = trader;
	await client.query('BEGIN');
	await client.query({
		name: 'f1',
		text: `SELECT 1 FROM "User" WHERE id = $1 FOR UPDATE`,
		values: [userId]
	});
	await client.query({
		name: 'f2',
		text: `UPDATE "AccountState" SET wanted = 'STOPPED', "wantedGeneration" = "wantedGeneration" + 1, "wantedAt" = now() WHERE "accountId" = ANY($1::uuid[])`,
		values: [accountIds]
	});
	await client.query({
		name: 'f3',
		text: `INSERT INTO "EaCommand" (id, "userId", kind, "closePositions", "requestHash", "createdAt") VALUES ($1, $2, 'STOP_EA', false, '', now())`,
		values: [commandId, userId]
	});
	await client.query({
		name: 'f4',
		text: `INSERT INTO "EaCommandResult" ("commandId", "accountId", "accountNumber", "accountName", broker, "accountKind", generation, "wantedBefore", "closePositions", status, "createdAt")
		       SELECT $1, id, '1', 'floor', 'floor', 'DEMO', 0, 'STOPPED', false, 'dispatched', now() FROM unnest($2::uuid[]) AS t(id)`,
		values: [commandId, accountIds]
	});
	await event(client, userId, 'command', commandId);
	await audit(client, userId, 1, commandId);
	await client.query('COMMIT');
}

/** What the agents said, an event, and an audit line for each, in one commit. */
export async function writeResults(
	client: pg.ClientBase,
	trader: FloorTrader,
	commandId: string
): Promise<void> {
	const { userId, accountIds } = trader;
	await client.query('BEGIN');
	await client.query({
		name: 'f5',
		text: `UPDATE "EaCommandResult" SET status = 'success', "settledAt" = now(), "durationMs" = 1 WHERE "commandId" = $1`,
		values: [commandId]
	});
	await event(client, userId, 'results', commandId);
	await audit(client, userId, accountIds.length, commandId);
	await client.query('COMMIT');
}

async function event(client: pg.ClientBase, userId: string, type: string, commandId: string): Promise<void> {
	await client.query({
		name: 'f6',
		text: `WITH c AS (UPDATE "User" SET "eventSeq" = "eventSeq" + 1 WHERE id = $1 RETURNING "eventSeq")
		       INSERT INTO "LiveEvent" ("userId", seq, type, payload) SELECT $1, "eventSeq", $2, $3 FROM c`,
		values: [userId, type, JSON.stringify({ commandIds: [commandId] })]
	});
}

async function audit(client: pg.ClientBase, userId: string, count: number, commandId: string): Promise<void> {
	await client.query({
		name: 'f7',
		text: `INSERT INTO "AuditLog" (id, "userId", action, "targetId", detail) SELECT gen_random_uuid(), $1, 'floor', $2, '{}' FROM generate_series(1, $3)`,
		values: [userId, commandId, count]
	});
}
