/** Child process: the floor of telemetry. A bare `ws` server that parses every message, and nothing else. */
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { serveCalls } from './child.ts';

serveCalls({
	listen: () =>
		new Promise((done) => {
			const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
			server.on('connection', (socket) =>
				socket.on('message', (bytes: Buffer) => {
					const text = bytes.toString();
					if (text === 'hello') return socket.send(text);
					const { type } = JSON.parse(text) as { type: string };
					if (type === 'time') socket.send(text);
				})
			);
			server.on('listening', () => done((server.address() as AddressInfo).port));
		})
});
