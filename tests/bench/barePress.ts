/**
 * Child process: the web's end of the fan-out's floor. Plain `http` that takes the press, asks the database for session
 * and accounts, writes the rows by hand with `pg`, sends to the agents over bare sockets, and answers once all have.
 */
import { createPrivateKey, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import pg from 'pg';
import { uuidv7 } from 'uuidv7';
import WebSocket from 'ws';
import { serveCalls } from './child.ts';
import { writeCommand, writeResults, type FloorTrader } from './floorWrites.ts';

interface Order {
	databaseUrl: string;
	peerPort: number;
	/** PKCS8 PEM. */
	signingKey: string;
	trader: FloorTrader;
}

serveCalls({
	async serve({ databaseUrl, peerPort, signingKey, trader }: Order) {
		const client = new pg.Client({ connectionString: databaseUrl });
		await client.connect();
		const key = createPrivateKey(signingKey);
		const sockets = trader.accountIds.map(
			() => new WebSocket(`ws://127.0.0.1:${peerPort}`, { perMessageDeflate: false })
		);
		await Promise.all(sockets.map((socket) => once(socket, 'open')));

		async function press(journalWrites: number): Promise<object> {
			await client.query({
				name: 'p1',
				text: `SELECT s."userId", s."expiresAt", u.email, u.name, u.role FROM "Session" s JOIN "User" u ON u.id = s."userId" WHERE s."userId" = $1`,
				values: [trader.userId]
			});
			const { rows: accounts } = await client.query<{ id: string }>({
				name: 'p2',
				text: `SELECT a.*, s.*, m.* FROM "Mt5Account" a JOIN "AccountState" s ON s."accountId" = a.id
				       LEFT JOIN "Mt5AccountAssignment" m ON m."accountId" = a.id WHERE a."userId" = $1`,
				values: [trader.userId]
			});
			const commandId = uuidv7();
			await writeCommand(client, trader, commandId);
			await Promise.all(
				sockets.map(async (socket, number) => {
					const answer = once(socket, 'message');
					const command = JSON.stringify({
						type: 'command',
						commandId,
						number,
						kind: 'stop_ea',
						journalWrites
					});
					// Every command is signed by the server, and checked by its agent before anything else.
					const signature = sign(null, Buffer.from(command), key).toString('base64url');
					socket.send(JSON.stringify({ command, signature }));
					await answer;
				})
			);
			await writeResults(client, trader, commandId);
			return { commandId, accounts };
		}

		const http = createServer((request, response) => {
			void (async () => {
				const { journalWrites } = (await json(request)) as { journalWrites: number };
				const body = JSON.stringify(await press(journalWrites));
				response.writeHead(200, { 'content-type': 'application/json' }).end(body);
			})();
		});
		await once(http.listen(0, '127.0.0.1'), 'listening');
		const address = http.address();
		return typeof address === 'object' ? address?.port : 0;
	}
});
