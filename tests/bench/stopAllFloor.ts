/** The floor of a stop-all: one commit per trader and machine, each command signed, all of them over bare lines. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import pg from 'pg';
import { uuidv7 } from 'uuidv7';
import WebSocket from 'ws';
import { startChild } from './child.ts';
import type { Bench } from './environment.ts';
import { writeCommand } from './floorWrites.ts';

/** As many connections as the web server has. */
const CONNECTIONS = 10;

/** One trader's account on one machine. */
export interface Place {
	userId: string;
	accountId: string;
	/** From 0. */
	machine: number;
}

export async function openStopAllFloor(bench: Bench, places: readonly Place[], lineCount: number) {
	const pool = new pg.Pool({ connectionString: bench.databaseUrl, max: CONNECTIONS });
	const server = startChild('countingServer.ts');
	const port = await server.call<number>('listen');
	const sockets = Array.from(
		{ length: lineCount },
		() => new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
	);
	await Promise.all(sockets.map((socket) => once(socket, 'open')));
	const { privateKey } = generateKeyPairSync('ed25519');

	async function stop({ userId, accountId, machine }: Place): Promise<void> {
		const commandId = uuidv7();
		const client = await pool.connect();
		try {
			await writeCommand(client, { userId, accountIds: [accountId] }, commandId);
		} finally {
			client.release();
		}
		const command = JSON.stringify({ type: 'command', commandId, accountId, kind: 'stop_ea' });
		const signature = sign(null, Buffer.from(command), privateKey).toString('base64url');
		sockets[machine]?.send(JSON.stringify({ command, signature }));
	}

	return {
		/** @returns milliseconds until the last line has its last command */
		async round(): Promise<number> {
			const startedAtMs = Date.now();
			const received = server.call<number>('received', { count: places.length });
			await Promise.all(places.map(stop));
			return (await received) - startedAtMs;
		},
		async close() {
			for (const socket of sockets) socket.terminate();
			await pool.end();
			await server.end();
		}
	};
}
