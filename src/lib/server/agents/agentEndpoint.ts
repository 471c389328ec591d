/** Where agents come in: turns the HTTP upgrades meant for them into lines. Owns the WebSocket server. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { MAX_FRAME_BYTES } from '#lib/domain/limits.ts';
import { AGENT_SOCKET_PATH } from '#lib/protocol/frames.ts';
import { lineSocket } from '#lib/protocol/webSocket.ts';
import type { Gateway } from './gateway.ts';

export interface AgentEndpoint {
	/**
	 * Takes over an HTTP upgrade. Browsers have no business here: a request with an Origin or a cookie is a page
	 * that tries to reach an agent's endpoint.
	 */
	handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
	close(): void;
}

export function createAgentEndpoint(gateway: Gateway): AgentEndpoint {
	const server = new WebSocketServer({
		noServer: true,
		maxPayload: MAX_FRAME_BYTES,
		perMessageDeflate: false,
		clientTracking: false
	});
	return {
		handleUpgrade(request, socket, head) {
			const { pathname } = new URL(request.url ?? '/', 'http://agent');
			if (pathname !== AGENT_SOCKET_PATH) return refuse(socket, '404 Not Found');
			if (request.headers.origin !== undefined || request.headers.cookie !== undefined)
				return refuse(socket, '403 Forbidden');
			if (!gateway.takesLines) return refuse(socket, '503 Service Unavailable');
			server.handleUpgrade(request, socket, head, (webSocket) => gateway.accept(lineSocket(webSocket)));
		},
		close: () => server.close()
	};
}

function refuse(socket: Duplex, status: string): void {
	socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
