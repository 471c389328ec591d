/**
 * One WebSocket of one agent, from the handshake to the end. Owns the socket; knows nothing of accounts beyond
 * what it is told, and trusts nothing the other side says before its signature was checked.
 */
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import type { WebSocket } from 'ws';
import { MAX_BAD_FRAMES_PER_MINUTE } from '#lib/domain/limits.ts';
import { decodeAgentFrame, encodeFrame } from '#lib/protocol/codec.ts';
import {
	authMessage,
	CLOSE,
	type AgentFrame,
	type AgentFrames,
	type WebFrame
} from '#lib/protocol/frames.ts';
import type { Logger } from '../logger.ts';
import type { AgentDirectory, KnownAgent } from './agentDirectory.ts';

export type Outgoing = WebFrame extends infer F ? (F extends WebFrame ? Omit<F, 'v' | 'id'> : never) : never;

export interface LineRhythm {
	pingIntervalMs: number;
	lineDeadMs: number;
	telemetryIntervalMs: number;
}

export interface LineEvents {
	/** The agent proved who it is and was counted; the line may be used. */
	onReady(line: AgentLine): void;
	onFrame(line: AgentLine, frame: Exclude<AgentFrame, AgentFrames['hello'] | AgentFrames['auth']>): void;
	onClose(line: AgentLine): void;
}

const HANDSHAKE_MS = 5_000;
/** A peer that does not read is cut off before it costs memory. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

export class AgentLine {
	/** Null until the handshake is done. */
	agent: KnownAgent | null = null;
	connSeq = 0;
	/** All its accounts were sent; before that, nothing else is. */
	isSynced = false;
	/** Accounts that changed while the full list was being read. */
	readonly changedBeforeSync = new Set<string>();
	/** The accounts this agent may speak of: id → owner and epoch. */
	readonly accounts = new Map<string, { userId: string; epoch: number }>();
	readonly #socket: WebSocket;
	readonly #directory: AgentDirectory;
	readonly #rhythm: LineRhythm;
	readonly #events: LineEvents;
	readonly #logger: Logger;
	readonly #nonce = randomBytes(24).toString('base64url');
	readonly #now: () => number;
	#hello: AgentFrames['hello'] | null = null;
	/** When the agent was heard last, by a frame or by its answer to a ping. */
	heardAtMs: number;
	#isAlive = true;
	#silentPings = 0;
	#badFrames: number[] = [];
	#handshake: Promise<void> = Promise.resolve();
	#timer: NodeJS.Timeout;

	constructor(
		socket: WebSocket,
		directory: AgentDirectory,
		rhythm: LineRhythm,
		events: LineEvents,
		logger: Logger,
		now: () => number
	) {
		this.#socket = socket;
		this.#directory = directory;
		this.#rhythm = rhythm;
		this.#events = events;
		this.#logger = logger;
		this.#now = now;
		this.heardAtMs = now();
		socket.on('message', (bytes: Buffer, isBinary: boolean) => this.#onMessage(bytes, isBinary));
		socket.on('pong', () => this.#heard());
		socket.on('ping', () => this.#heard());
		socket.on('error', (error) => this.#logger.debug({ err: error }, 'agent socket error'));
		socket.on('close', () => {
			clearTimeout(this.#timer);
			clearInterval(this.#timer);
			events.onClose(this);
		});
		this.#timer = setTimeout(
			() => this.close(CLOSE.policyViolation, 'handshake took too long'),
			HANDSHAKE_MS
		);
		this.send({ type: 'challenge', nonce: this.#nonce });
	}

	/** @returns false when the line is not open (any more); a true is no proof that anything arrived */
	send(frame: Outgoing): boolean {
		if (this.#socket.readyState !== this.#socket.OPEN) return false;
		if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) {
			this.#logger.warn({ agentId: this.agent?.id }, 'the agent does not read; its line is cut');
			this.#socket.terminate();
			return false;
		}
		this.#socket.send(encodeFrame(frame));
		return true;
	}

	close(code: number, reason: string): void {
		this.#socket.close(code, reason.slice(0, 120));
		// A peer that does not answer the close is not waited for.
		setTimeout(() => this.#socket.terminate(), 1_000).unref();
	}

	#heard(): void {
		this.#isAlive = true;
		this.heardAtMs = this.#now();
	}

	#onMessage(bytes: Buffer, isBinary: boolean): void {
		this.#heard();
		const decoded = isBinary
			? ({ ok: false, problem: 'malformed', detail: 'binary frame' } as const)
			: decodeAgentFrame(bytes.toString('utf8'));
		if (!decoded.ok) return this.#onBadFrame(decoded.problem, decoded.detail);
		const { frame } = decoded;
		if (frame.type === 'hello' || frame.type === 'auth') {
			this.#handshake = this.#handshake
				.then(() => this.#shake(frame))
				.catch((error: unknown) => {
					this.#logger.error({ err: error }, 'an agent could not be let in');
					this.close(CLOSE.serviceRestart, 'the server cannot let you in just now');
				});
		} else if (this.agent) this.#events.onFrame(this, frame);
		else this.close(CLOSE.policyViolation, `${frame.type} before the handshake was done`);
	}

	#onBadFrame(problem: 'malformed' | 'unknown_type', detail: string): void {
		this.#logger.warn({ agentId: this.agent?.id, problem, detail }, 'a frame was not understood');
		// A newer agent may say things we do not know yet.
		if (problem === 'unknown_type' && this.agent) return;
		const now = this.#now();
		this.#badFrames = [...this.#badFrames.filter((at) => now - at < 60_000), now];
		if (!this.agent || this.#badFrames.length >= MAX_BAD_FRAMES_PER_MINUTE)
			this.close(CLOSE.policyViolation, `frame not understood: ${detail}`);
	}

	async #shake(frame: AgentFrames['hello'] | AgentFrames['auth']): Promise<void> {
		if (this.agent || (frame.type === 'hello') === (this.#hello !== null))
			return this.close(CLOSE.policyViolation, `${frame.type} out of turn`);
		if (frame.type === 'hello') {
			this.#hello = frame;
			return;
		}
		const hello = this.#hello;
		if (!hello) return;
		const agent = await this.#directory.find(hello.agentId);
		const message = authMessage(this.#nonce, hello.agentId, hello.connSeqSeen);
		if (!agent || !(await isSignedBy(agent.publicKey, message, frame.signature)))
			return this.close(CLOSE.unauthorised, 'this agent is not enrolled here, or was revoked');
		const connSeq = await this.#directory.arrive({
			agentId: agent.id,
			version: hello.agentVersion,
			machine: hello.machine,
			capacity: hello.capacity
		});
		if (connSeq === null) return this.close(CLOSE.unauthorised, 'this agent was revoked');
		if (this.#socket.readyState !== this.#socket.OPEN) return;
		this.connSeq = connSeq;
		this.agent = agent;
		this.#hello = null;
		clearTimeout(this.#timer);
		this.#timer = setInterval(() => this.#beat(), this.#rhythm.pingIntervalMs);
		this.send({ type: 'welcome', connSeq, serverTimeMs: this.#now(), ...this.#rhythm });
		this.#events.onReady(this);
	}

	/** A line that is silent through as many pings as fit into `lineDeadMs` is half open, and is cut. */
	#beat(): void {
		this.#silentPings = this.#isAlive ? 0 : this.#silentPings + 1;
		this.#isAlive = false;
		if (
			this.#silentPings * this.#rhythm.pingIntervalMs >=
			this.#rhythm.lineDeadMs - this.#rhythm.pingIntervalMs
		) {
			this.#logger.warn({ agentId: this.agent?.id }, 'the agent fell silent; its line is cut');
			this.#socket.terminate();
			return;
		}
		this.#socket.ping();
	}
}

/** In the thread pool: a fleet that comes back at once must not hold up everything else. */
function isSignedBy(publicKey: string, message: Uint8Array, signature: string): Promise<boolean> {
	return new Promise((done) => {
		try {
			const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
			verify(null, message, key, Buffer.from(signature, 'base64url'), (error, isValid) =>
				done(!error && isValid)
			);
		} catch {
			done(false);
		}
	});
}
