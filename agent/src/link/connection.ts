/**
 * One WebSocket to the server. Owns the socket. It writes frames, reads frames, and remembers when it last
 * heard anything; whether to dial, to go on or to give up is the reconcile loop's decision (agentLink.ts).
 */
import { decodeWebFrame, encodeFrame } from '#lib/protocol/codec.ts';
import { CLOSE, type AgentFrame, type WebFrame } from '#lib/protocol/frames.ts';
import { type LineSocket } from '#lib/protocol/socket.ts';
import { type Logger } from '../logger.ts';

export type Outgoing = AgentFrame extends infer F
	? F extends AgentFrame
		? Omit<F, 'v' | 'id'>
		: never
	: never;

export interface ConnectionEvents {
	/** @param raw as it came: what signatures are checked over */
	onFrame(frame: WebFrame, raw: object): void;
	/** Once, whoever ended it. `code` is 1006 when there was no closing handshake. */
	onEnd(code: number, reason: string): void;
}

/** What waits in memory for a peer that does not read, at most. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

export class Connection {
	/** Monotonic time of the last sign of life. */
	lastHeardMs: number;
	readonly #socket: LineSocket;
	readonly #monotonicMs: () => number;
	readonly #logger: Logger;
	readonly #events: ConnectionEvents;

	constructor(socket: LineSocket, events: ConnectionEvents, logger: Logger, monotonicMs: () => number) {
		this.#events = events;
		this.#logger = logger;
		this.#monotonicMs = monotonicMs;
		this.lastHeardMs = monotonicMs();
		this.#socket = socket;
		const heard = (): void => {
			this.lastHeardMs = monotonicMs();
		};
		socket.listen({
			onSignOfLife: heard,
			onMessage: (text) => {
				heard();
				this.#onMessage(text);
			},
			onError: (error) => logger.warn({ err: error }, 'the line to the server failed'),
			onClose: (code, reason) => events.onEnd(code, reason)
		});
	}

	get isOpen(): boolean {
		return this.#socket.isOpen;
	}

	/** @returns false when nothing can be sent; a true is no proof that anything arrived */
	send(frame: Outgoing): boolean {
		if (!this.isOpen) return false;
		if (this.#socket.bufferedBytes > MAX_BUFFERED_BYTES) {
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
		this.#socket.close(code, reason);
	}

	/** Ends it without asking the other side, which may not be there any more. */
	terminate(): void {
		this.#socket.terminate();
	}

	get idleMs(): number {
		return this.#monotonicMs() - this.lastHeardMs;
	}

	#onMessage(text: string | null): void {
		const decoded =
			text === null
				? ({ ok: false, problem: 'malformed', detail: 'binary frame' } as const)
				: decodeWebFrame(text);
		if (decoded.ok) return this.#events.onFrame(decoded.frame, decoded.raw);
		this.#logger.warn({ problem: decoded.problem, detail: decoded.detail }, 'a frame was not understood');
		// A newer server may say things we do not know yet.
		if (decoded.problem === 'malformed')
			this.close(CLOSE.policyViolation, `frame not understood: ${decoded.detail}`);
	}
}
