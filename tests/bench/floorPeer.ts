/** Child process: the agents' end of the fan-out's floor. Synced writes by hand for each message, then the answer. */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { WebSocketServer } from 'ws';
import { serveCalls } from './child.ts';

const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
let count = 0;
server.on('connection', (socket) => {
	const db = new DatabaseSync(join(process.env['QUINTET_BENCH_DIR'] ?? '.', `floor-${count++}.sqlite`));
	db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE journal (line TEXT)');
	const write = db.prepare('INSERT INTO journal VALUES (?)');
	socket.on('message', (bytes: Buffer) => {
		const line = bytes.toString();
		const { journalWrites } = JSON.parse(line) as { journalWrites: number };
		for (let i = 0; i < journalWrites; i++) write.run(line);
		socket.send(line);
	});
});

serveCalls({
	listen: () =>
		new Promise((done) =>
			http.listen(0, '127.0.0.1', () => {
				const address = http.address();
				done(typeof address === 'object' ? address?.port : 0);
			})
		)
});
