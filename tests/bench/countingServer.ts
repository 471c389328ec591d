/** Child process: a bare `ws` server that says when so many messages have arrived. */
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { countArrivals } from './arrivals.ts';
import { serveCalls } from './child.ts';

const arrivals = countArrivals();

serveCalls({
	listen: () =>
		new Promise((done) => {
			const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
			server.on('connection', (socket) => socket.on('message', () => arrivals.one()));
			server.on('listening', () => done((server.address() as AddressInfo).port));
		}),
	received: ({ count }: { count: number }) => arrivals.received(count)
});
