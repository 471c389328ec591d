/** Dials the server with a WebSocket of its own. */
import { WebSocket } from 'ws';
import { MAX_FRAME_BYTES } from '#lib/domain/limits.ts';
import { type LineSocket } from '#lib/protocol/socket.ts';
import { lineSocket } from '#lib/protocol/webSocket.ts';

/** Begins a connection; whether it came about, its events tell. */
export type Dial = (url: string) => LineSocket;

const HANDSHAKE_TIMEOUT_MS = 10_000;

export const dialWebSocket: Dial = (url) =>
	lineSocket(
		new WebSocket(url, {
			perMessageDeflate: false,
			maxPayload: MAX_FRAME_BYTES,
			handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
			followRedirects: false
		})
	);
