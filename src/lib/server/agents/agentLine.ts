/**
 * One WebSocket of one agent, from the handshake to the end. Owns the socket; knows nothing of accounts beyond
 * what it is told, and trusts nothing the other side says before its signature was checked.
 */
import type { TimerClock } from '#lib/domain/clock.ts';
import { MAX_BAD_FRAMES_PER_MINUTE } from '#lib/domain/limits.ts';
import { decodeAgentFrame, encodeFrame } from '#lib/protocol/codec.ts';
import {
	CLOSE,
	SERVER_CAPABILITIES,
	type AgentFrame,
	type AgentFrames,
	type WebFrame
} from '#lib/protocol/frames.ts';
import { authMessage, lineMessage, SIGNED_ON_LINE, type LineSession } from '#lib/protocol/signed.ts';
import type { LineSocket } from '#lib/protocol/socket.ts';
import type { ServerSigner } from '../crypto/signingKey.ts';
import type { Logger } from '../logger.ts';
import type { AgentDirectory, KnownAgent, KnownAccount } from './agentDirectory.ts';
import type { AgentProof } from './agentProof.ts';

type SignedHere = (typeof SIGNED_ON_LINE)[number];

/** A frame as it is handed to a line. What belongs to one line is signed by it; a command comes signed. */
export type Outgoing = WebFrame extends infer F
	? F extends { type: SignedHere }
		? Omit<F, 'v' | 'id' | 'signature'>
		: F extends WebFrame
			? Omit<F, 'v' | 'id'>
			: never
	: never;

type HandshakeFrame = AgentFrames['hello'] | AgentFrames['auth'] | AgentFrames['ready'];

export interface LineRhythm {
	pingIntervalMs: number;
	lineDeadMs: number;
	telemetryIntervalMs: number;
}

export interface LineEvents {
	/** The agent proved who it is and was counted; the line may be used. */
	onReady(line: AgentLine): void;
	/** Just now it was found that there are two copies of this agent. */
	onCopy(agent: KnownAgent, reason: string): void;
	onFrame(line: AgentLine, frame: Exclude<AgentFrame, HandshakeFrame>): void;
	onClose(line: AgentLine): void;
}

export interface LineDependencies {
	directory: AgentDirectory;
	proof: AgentProof;
	signer: ServerSigner;
	rhythm: LineRhythm;
	clock: TimerClock;
	logger: Logger;
}

/** How long an agent may take for its next step of the handshake; our own time does not count. */
const HANDSHAKE_STEP_MS = 5_000;
/** A peer that does not answer the close is not waited for. */
const CLOSE_MS = 1_000;
/** A peer that does not read is cut off before it costs memory. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

export class AgentLine {
	/** Null until the handshake is done. */
	agent: KnownAgent | null = null;
	connSeq = 0;
	/** What it said it can do. */
	capabilities: ReadonlySet<string> = new Set();
	/** All its accounts were sent; before that, nothing else is. */
	isSynced = false;
	/** Accounts that changed while the full list was being read. */
	readonly changedBeforeSync = new Set<string>();
	/** Accounts that it was told to let go: a last word on one of them is nothing to wonder at. */
	readonly leaving = new Set<string>();
	/** The accounts this agent may speak of, and what was told of them last. */
	readonly accounts = new Map<string, { userId: string; epoch: number; known: KnownAccount }>();
	readonly #socket: LineSocket;
	readonly #directory: AgentDirectory;
	readonly #proof: AgentProof;
	readonly #signer: ServerSigner;
	readonly #rhythm: LineRhythm;
	readonly #events: LineEvents;
	readonly #logger: Logger;
	readonly #nonce: string;
	readonly #clock: TimerClock;
	#hello: AgentFrames['hello'] | null = null;
	#session: LineSession | null = null;
	/** When the agent was heard last, by a frame or by its answer to a ping. */
	heardAtMs: number;
	#isAlive = true;
	#isDismissed = false;
	/** The agent keeps the number of this connection; before that, only the handshake is heard. */
	#isReady = false;
	#silentPings = 0;
	#badFrames: number[] = [];
	#handshake: Promise<void> = Promise.resolve();
	/** Takes back the next thing this line waits for: the end of the handshake, then the next beat. */
	#forgetTimer: () => void;

	constructor(
		socket: LineSocket,
		events: LineEvents,
		{ directory, proof, signer, rhythm, clock, logger }: LineDependencies
	) {
		this.#socket = socket;
		this.#directory = directory;
		this.#rhythm = rhythm;
		this.#events = events;
		this.#logger = logger;
		this.#proof = proof;
		this.#signer = signer;
		this.#clock = clock;
		this.#nonce = proof.newNonce();
		this.heardAtMs = clock.wallMs();
		this.#forgetTimer = this.#awaitPeer();
		socket.listen({
			onMessage: (text) => this.#onMessage(text),
			onSignOfLife: () => this.#heard(),
			onError: (error) => this.#logger.debug({ err: error }, 'agent socket error'),
			onClose: () => {
				this.#forgetTimer();
				events.onClose(this);
			}
		});
		this.send({ type: 'challenge', nonce: this.#nonce });
	}

	/** @returns false when the line is not open (any more); a true is no proof that anything arrived */
	send(frame: Outgoing): boolean {
		if (!this.#socket.isOpen) return false;
		if (this.#socket.bufferedBytes > MAX_BUFFERED_BYTES) {
			this.#logger.warn({ agentId: this.agent?.id }, 'the agent does not read; its line is cut');
			this.#socket.terminate();
			return false;
		}
		this.#socket.send(encodeFrame(this.#signed(frame)));
		return true;
	}

	#signed(frame: Outgoing): Parameters<typeof encodeFrame>[0] {
		if (!isSignedHere(frame)) return frame;
		if (!this.#session) throw new Error(`a ${frame.type} before the handshake`);
		const signature = this.#signer.sign(lineMessage(frame.type, this.#session, frame));
		return { ...frame, signature };
	}

	close(code: number, reason: string): void {
		this.#socket.close(code, reason);
		this.#clock.after(CLOSE_MS, () => this.#socket.terminate());
	}

	/** Closes, and hears nothing that is still under way from the other side. */
	dismiss(code: number, reason: string): void {
		this.#isDismissed = true;
		this.close(code, reason);
	}

	/**
	 * Ends a handshake whose other side says nothing. With a whole fleet at the door its words may lie unread when
	 * the time is up, so what has arrived is taken in first.
	 */
	#awaitPeer(): () => void {
		let isAwaited = true;
		const forget = this.#clock.after(HANDSHAKE_STEP_MS, () =>
			this.#clock.soon(() => {
				if (isAwaited) this.close(CLOSE.policyViolation, 'handshake took too long');
			})
		);
		return () => {
			isAwaited = false;
			forget();
		};
	}

	#heard(): void {
		this.#isAlive = true;
		this.heardAtMs = this.#clock.wallMs();
	}

	#onMessage(text: string | null): void {
		if (this.#isDismissed) return;
		this.#heard();
		const decoded =
			text === null
				? ({ ok: false, problem: 'malformed', detail: 'binary frame' } as const)
				: decodeAgentFrame(text);
		if (!decoded.ok) return this.#onBadFrame(decoded.problem, decoded.detail);
		const { frame } = decoded;
		if (frame.type === 'hello' || frame.type === 'auth' || frame.type === 'ready') {
			this.#handshake = this.#handshake
				.then(() => this.#shake(frame))
				.catch((error: unknown) => {
					this.#logger.error({ err: error }, 'an agent could not be let in');
					this.close(CLOSE.serviceRestart, 'the server cannot let you in just now');
				});
		} else if (this.#isReady && this.agent?.isApproved) this.#events.onFrame(this, frame);
		else if (this.#isReady)
			this.#logger.warn({ agentId: this.agent?.id, type: frame.type }, 'not approved; dropped');
		else this.close(CLOSE.policyViolation, `${frame.type} before the handshake was done`);
	}

	#onBadFrame(problem: 'malformed' | 'unknown_type', detail: string): void {
		this.#logger.warn({ agentId: this.agent?.id, problem, detail }, 'a frame was not understood');
		// A newer agent may say things we do not know yet.
		if (problem === 'unknown_type' && this.agent) return;
		const nowMs = this.#clock.monotonicMs();
		this.#badFrames = [...this.#badFrames.filter((atMs) => nowMs - atMs < 60_000), nowMs];
		if (!this.agent || this.#badFrames.length >= MAX_BAD_FRAMES_PER_MINUTE)
			this.close(CLOSE.policyViolation, `frame not understood: ${detail}`);
	}

	async #shake(frame: HandshakeFrame): Promise<void> {
		if (frame.type === 'ready') return this.#onAgentReady(frame.connSeq);
		if (this.agent || (frame.type === 'hello') === (this.#hello !== null))
			return this.close(CLOSE.policyViolation, `${frame.type} out of turn`);
		if (frame.type === 'hello') {
			this.#hello = frame;
			return;
		}
		const hello = this.#hello;
		if (!hello) return;
		this.#forgetTimer();
		const agent = await this.#directory.find(hello.agentId);
		const session = { agentId: hello.agentId, serverNonce: this.#nonce, agentNonce: hello.nonce };
		const message = authMessage(session, hello.connSeqSeen);
		const isSignedWith = (key: string) => this.#proof.isSignedBy(key, message, frame.signature);
		const isProven =
			agent !== null &&
			((await isSignedWith(agent.publicKey)) ||
				(agent.previousPublicKey !== null && (await isSignedWith(agent.previousPublicKey))));
		if (!isProven) return this.close(CLOSE.unauthorised, 'this agent is not enrolled here, or was revoked');
		this.#session = session;
		if (agent.lockReason !== null) return this.lock(agent.lockReason);
		const admission = await this.#directory.arrive({
			agentId: agent.id,
			version: hello.agentVersion,
			machine: hello.machine,
			capacity: hello.capacity,
			capabilities: hello.capabilities,
			connSeqSeen: hello.connSeqSeen
		});
		if (admission?.verdict === 'locked') {
			this.#events.onCopy(agent, admission.reason);
			return this.lock(admission.reason);
		}
		if (admission?.verdict !== 'accepted') return this.close(CLOSE.unauthorised, 'this agent was revoked');
		if (!this.#socket.isOpen) return;
		const { connSeq } = admission;
		this.connSeq = connSeq;
		this.agent = agent;
		this.capabilities = new Set(hello.capabilities);
		this.#hello = null;
		const standing = agent.isApproved ? 'approved' : 'pending';
		this.#forgetTimer = this.#awaitPeer();
		this.send({
			type: 'welcome',
			connSeq,
			standing,
			serverTimeMs: this.#clock.wallMs(),
			...this.#rhythm,
			capabilities: [...SERVER_CAPABILITIES]
		});
	}

	async #onAgentReady(connSeq: number): Promise<void> {
		if (!this.agent || this.#isReady || connSeq !== this.connSeq)
			return this.close(CLOSE.policyViolation, 'ready out of turn');
		this.#forgetTimer();
		if (!(await this.#directory.confirm({ agentId: this.agent.id, connSeq })))
			return this.close(CLOSE.replaced, 'a newer connection of this agent took over');
		if (!this.#socket.isOpen) return;
		this.#isReady = true;
		this.#awaitBeat();
		this.#events.onReady(this);
	}

	/** Tells the agent, signed, that there are two of it, and hears nothing more. */
	lock(reason: string): void {
		this.send({ type: 'locked', reason: reason.slice(0, 300) });
		this.dismiss(CLOSE.locked, 'two copies of this agent were seen');
	}

	#awaitBeat(): void {
		this.#forgetTimer = this.#clock.after(this.#rhythm.pingIntervalMs, () => {
			this.#awaitBeat();
			this.#beat();
		});
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

const isSignedHere = (frame: Outgoing): frame is Extract<Outgoing, { type: SignedHere }> =>
	(SIGNED_ON_LINE as readonly string[]).includes(frame.type);
