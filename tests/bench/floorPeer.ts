/** Child process: the agents' end of the fan-out's floor. Checks the signature, writes by hand and synced for each message, answers. */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { WebSocketServer } from 'ws';
import { serveCalls } from './child.ts';

const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
let count = 0;
let serverKey: KeyObject | null = null;
server.on('connection', (socket) => {
	const db = new DatabaseSync(join(process.env['QUINTET_BENCH_DIR'] ?? '.', `floor-${count++}.sqlite`));
	db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE journal (line TEXT)');
	const write = db.prepare('INSERT INTO journal VALUES (?)');
	socket.on('message', (bytes: Buffer) => {
		const { command, signature } = JSON.parse(bytes.toString()) as { command: string; signature: string };
		if (!serverKey || !verify(null, Buffer.from(command), serverKey, Buffer.from(signature, 'base64url')))
			throw new Error('not signed');
		const { journalWrites } = JSON.parse(command) as { journalWrites: number };
		for (let i = 0; i < journalWrites; i++) write.run(command);
		socket.send(command);
	});
});

serveCalls({
	listen: (key: string) => {
		serverKey = createPublicKey(key);
		return new Promise((done) =>
			http.listen(0, '127.0.0.1', () => {
				const address = http.address();
				done(typeof address === 'object' ? address?.port : 0);
			})
		);
	}
});
