/** The floor of a stop-all: one commit per trader, each command signed, all of them over bare lines. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import pg from 'pg';
import { uuidv7 } from 'uuidv7';
import WebSocket from 'ws';
import { startChild } from './child.ts';
import type { Bench } from './environment.ts';
import { writeCommand, type FloorTrader } from './floorWrites.ts';

/** As many connections as the web server has. */
const CONNECTIONS = 10;

export async function openStopAllFloor(bench: Bench, traders: readonly FloorTrader[], lineCount: number) {
	const pool = new pg.Pool({ connectionString: bench.databaseUrl, max: CONNECTIONS });
	const server = startChild('countingServer.ts');
	const port = await server.call<number>('listen');
	const sockets = Array.from(
		{ length: lineCount },
		() => new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
	);
	await Promise.all(sockets.map((socket) => once(socket, 'open')));
	const { privateKey } = generateKeyPairSync('ed25519');
	const accounts = traders.reduce((sum, { accountIds }) => sum + accountIds.length, 0);

	async function stop(trader: FloorTrader, first: number): Promise<void> {
		const commandId = uuidv7();
		const client = await pool.connect();
		try {
			await writeCommand(client, trader, commandId);
		} finally {
			client.release();
		}
		for (const [i, accountId] of trader.accountIds.entries()) {
			const command = JSON.stringify({ type: 'command', commandId, accountId, kind: 'stop_ea' });
			const signature = sign(null, Buffer.from(command), privateKey).toString('base64url');
			sockets[(first + i * 4) % sockets.length]?.send(JSON.stringify({ command, signature }));
		}
	}

	return {
		/** @returns milliseconds until the last line has its last command */
		async round(): Promise<number> {
			const startedAtMs = Date.now();
			const received = server.call<number>('received', { count: accounts });
			await Promise.all(traders.map((trader, i) => stop(trader, i)));
			return (await received) - startedAtMs;
		},
		async close() {
			for (const socket of sockets) socket.terminate();
			await pool.end();
			await server.end();
		}
	};
}
