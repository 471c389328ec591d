/** The floor of a fan-out: what no implementation can leave out, written by hand. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import pg from 'pg';
import { uuidv7 } from 'uuidv7';
import WebSocket from 'ws';
import { startChild } from './child.ts';
import type { Bench } from './environment.ts';
import { writeCommand, writeResults } from './floorWrites.ts';

export async function openFloor(
	bench: Bench,
	trader: { userId: string; accountIds: string[] }
): Promise<{ round(): Promise<void>; close(): Promise<void> }> {
	// A trader's rows of its own would be locked by nobody; the same rows are used, one after the other.
	const client = new pg.Client({ connectionString: bench.databaseUrl });
	await client.connect();
	const peer = startChild('floorPeer.ts', { QUINTET_BENCH_DIR: bench.dir });
	const { publicKey, privateKey } = generateKeyPairSync('ed25519');
	const port = await peer.call<number>('listen', publicKey.export({ format: 'pem', type: 'spki' }));
	const sockets = trader.accountIds.map(
		() => new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
	);
	await Promise.all(sockets.map((socket) => once(socket, 'open')));

	// Start, Pause and Stop in turn, as in what is measured: an agent's journal syncs a Start three times (accepted,
	// about to act, outcome), and the others twice.
	let rounds = 0;

	async function round(): Promise<void> {
		const commandId = uuidv7();
		const journalWrites = rounds++ % 3 === 0 ? 3 : 2;
		await writeCommand(client, trader, commandId);
		await Promise.all(
			sockets.map(async (socket, i) => {
				const answer = once(socket, 'message');
				const command = JSON.stringify({
					type: 'command',
					commandId,
					number: i,
					kind: 'stop_ea',
					journalWrites
				});
				// Every command is signed by the server, and checked by its agent before anything else.
				const signature = sign(null, Buffer.from(command), privateKey).toString('base64url');
				socket.send(JSON.stringify({ command, signature }));
				await answer;
			})
		);
		await writeResults(client, trader, commandId);
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
