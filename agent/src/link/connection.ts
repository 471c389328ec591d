/**
 * One WebSocket to the server. Owns the socket. It writes frames, reads frames, and remembers when it last
 * heard anything; whether to dial, to go on or to give up is the reconcile loop's decision (agentLink.ts).
 */
import { WebSocket } from 'ws';
import { MAX_FRAME_BYTES } from '#lib/domain/limits.ts';
import { decodeWebFrame, encodeFrame } from '#lib/protocol/codec.ts';
import { CLOSE, type AgentFrame, type WebFrame } from '#lib/protocol/frames.ts';
import { type Logger } from '../logger.ts';

export type Outgoing = AgentFrame extends infer F
	? F extends AgentFrame
		? Omit<F, 'v' | 'id'>
		: never
	: never;

export interface ConnectionEvents {
	onFrame(frame: WebFrame): void;
	/** Once, whoever ended it. `code` is 1006 when there was no closing handshake. */
	onEnd(code: number, reason: string): void;
}

/** What waits in memory for a peer that does not read, at most. */
const MAX_BUFFERED_BYTES = 1024 * 1024;
const HANDSHAKE_TIMEOUT_MS = 10_000;

export class Connection {
	/** Monotonic time of the last sign of life. */
	lastHeardMs: number;
	readonly #socket: WebSocket;
	readonly #monotonicMs: () => number;
	readonly #logger: Logger;
	readonly #events: ConnectionEvents;

	constructor(url: string, events: ConnectionEvents, logger: Logger, monotonicMs: () => number) {
		this.#events = events;
		this.#logger = logger;
		this.#monotonicMs = monotonicMs;
		this.lastHeardMs = monotonicMs();
		this.#socket = new WebSocket(url, {
			perMessageDeflate: false,
			maxPayload: MAX_FRAME_BYTES,
			handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
			followRedirects: false
		});
		const heard = (): void => {
			this.lastHeardMs = monotonicMs();
		};
		this.#socket.on('open', heard);
		this.#socket.on('ping', heard);
		this.#socket.on('pong', heard);
		this.#socket.on('message', (bytes: Buffer, isBinary: boolean) => {
			heard();
			this.#onMessage(bytes, isBinary);
		});
		this.#socket.on('error', (error) => logger.warn({ err: error }, 'the line to the server failed'));
		this.#socket.on('close', (code, reason) => events.onEnd(code, reason.toString('utf8').slice(0, 200)));
	}

	get isOpen(): boolean {
		return this.#socket.readyState === WebSocket.OPEN;
	}

	/** @returns false when nothing can be sent; a true is no proof that anything arrived */
	send(frame: Outgoing): boolean {
		if (!this.isOpen) return false;
		if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) {
			this.#logger.warn('the server does not read; the line is cut');
			this.#socket.terminate();
			return false;
		}
		this.#socket.send(encodeFrame(frame));
		return true;
	}

	ping(): void {
		if (this.isOpen) this.#socket.ping();
	}

	close(code: number, reason: string): void {
		this.#socket.close(code, reason.slice(0, 120));
	}

	/** Ends it without asking the other side, which may not be there any more. */
	terminate(): void {
		this.#socket.terminate();
	}

	get idleMs(): number {
		return this.#monotonicMs() - this.lastHeardMs;
	}

	#onMessage(bytes: Buffer, isBinary: boolean): void {
		const decoded = isBinary
			? ({ ok: false, problem: 'malformed', detail: 'binary frame' } as const)
			: decodeWebFrame(bytes.toString('utf8'));
		if (decoded.ok) return this.#events.onFrame(decoded.frame);
		this.#logger.warn({ problem: decoded.problem, detail: decoded.detail }, 'a frame was not understood');
		// A newer server may say things we do not know yet.
		if (decoded.problem === 'malformed')
			this.close(CLOSE.policyViolation, `frame not understood: ${decoded.detail}`);
	}
}
