/** Child process: the floor. A `ws` server that answers every message, and nothing else. */
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { serveCalls } from './child.ts';

const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false, maxPayload: 64 * 1024 });
server.on('connection', (socket) => socket.on('message', (bytes) => socket.send(bytes, { binary: false })));

serveCalls({
	listen: (port?: number) =>
		new Promise((done) =>
			http.listen(port ?? 0, '127.0.0.1', () => {
				const address = http.address();
				done(typeof address === 'object' ? address?.port : 0);
			})
		)
});
