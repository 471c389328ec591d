/** A `ws` WebSocket as a `LineSocket`; both ends of the line are made of it. */
import type { WebSocket } from 'ws';
import type { LineSocket } from './socket.ts';

export function lineSocket(socket: WebSocket): LineSocket {
	return {
		get isOpen() {
			return socket.readyState === socket.OPEN;
		},
		get bufferedBytes() {
			return socket.bufferedAmount;
		},
		listen(events) {
			socket.on('message', (bytes: Buffer, isBinary: boolean) =>
				events.onMessage(isBinary ? null : bytes.toString('utf8'))
			);
			for (const sign of ['open', 'ping', 'pong'] as const) socket.on(sign, () => events.onSignOfLife());
			socket.on('error', (error) => events.onError(error));
			socket.on('close', (code, reason) => events.onClose(code, reason.toString('utf8').slice(0, 200)));
		},
		send: (text) => socket.send(text),
		ping: () => socket.ping(),
		close: (code, reason) => socket.close(code, reason.slice(0, 120)),
		terminate: () => socket.terminate()
	};
}
