/** The floor of a fan-out: what no implementation can leave out, written by hand. */
import { once } from 'node:events';
import pg from 'pg';
import { uuidv7 } from 'uuidv7';
import WebSocket from 'ws';
import { startChild } from './child.ts';
import type { Bench } from './environment.ts';

export async function openFloor(
	bench: Bench,
	trader: { userId: string; accountIds: string[] }
): Promise<{ round(): Promise<void>; close(): Promise<void> }> {
	// A trader's rows of its own would be locked by nobody; the same rows are used, one after the other.
	const client = new pg.Client({ connectionString: bench.databaseUrl });
	await client.connect();
	const peer = startChild('floorPeer.ts', { QUINTET_BENCH_DIR: bench.dir });
	const port = await peer.call<number>('listen');
	const sockets = trader.accountIds.map(
		() => new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
	);
	await Promise.all(sockets.map((socket) => once(socket, 'open')));
	const { userId, accountIds } = trader;

	// Start, Pause and Stop in turn, as in what is measured: an agent's journal syncs a Start three times (accepted,
	// about to act, outcome), and the others twice.
	let rounds = 0;

	async function round(): Promise<void> {
		const commandId = uuidv7();
		const journalWrites = rounds++ % 3 === 0 ? 3 : 2;
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
		await event('command', commandId);
		await audit(1, commandId);
		await client.query('COMMIT');

		await Promise.all(
			sockets.map(async (socket) => {
				const answer = once(socket, 'message');
				socket.send(JSON.stringify({ type: 'command', commandId, kind: 'stop_ea', journalWrites }));
				await answer;
			})
		);

		await client.query('BEGIN');
		await client.query({
			name: 'f5',
			text: `UPDATE "EaCommandResult" SET status = 'success', "settledAt" = now(), "durationMs" = 1 WHERE "commandId" = $1`,
			values: [commandId]
		});
		await event('results', commandId);
		await audit(accountIds.length, commandId);
		await client.query('COMMIT');
	}

	async function event(type: string, commandId: string): Promise<void> {
		await client.query({
			name: 'f6',
			text: `WITH c AS (UPDATE "User" SET "eventSeq" = "eventSeq" + 1 WHERE id = $1 RETURNING "eventSeq")
			       INSERT INTO "LiveEvent" ("userId", seq, type, payload) SELECT $1, "eventSeq", $2, $3 FROM c`,
			values: [userId, type, JSON.stringify({ commandIds: [commandId] })]
		});
	}

	async function audit(count: number, commandId: string): Promise<void> {
		await client.query({
			name: 'f7',
			text: `INSERT INTO "AuditLog" (id, "userId", action, "targetId", detail) SELECT gen_random_uuid(), $1, 'floor', $2, '{}' FROM generate_series(1, $3)`,
			values: [userId, commandId, count]
		});
	}

	return {
		round,
		async close() {
			for (const socket of sockets) socket.terminate();
			await client.end();
			await peer.end();
		}
	};
}
