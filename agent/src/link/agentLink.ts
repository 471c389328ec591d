/**
 * The line to the server. One loop owns it: it dials, watches, and gives up; callbacks only note what
 * happened and wake it. The server dictates the rhythm.
 */
import { fullJitter } from '#lib/domain/backoff.ts';
import {
	PING_INTERVAL_MS,
	LINE_DEAD_MS,
	TELEMETRY_INTERVAL_MS,
	TIME_QUESTION_MS
} from '#lib/domain/limits.ts';
import { type WebFrameHandlers } from '#lib/protocol/codec.ts';
import { type SignatureCheck } from '#lib/protocol/ed25519.ts';
import { CAPABILITIES, CLOSE, type Machine, type WebFrame } from '#lib/protocol/frames.ts';
import { authMessage, type LineSession } from '#lib/protocol/signed.ts';
import { type Clock } from '../clock.ts';
import { type Logger } from '../logger.ts';
import { AGENT_VERSION } from '../version.ts';
import { Waker } from '../waker.ts';
import { Connection, type Outgoing } from './connection.ts';
import { isGenuine } from './genuine.ts';
import { type Asked, type ServerTime } from './serverTime.ts';
import { type Dial } from './dial.ts';

export type LinkWakeReason = 'line_ended' | 'welcomed' | 'synced' | 'redial';

export interface LinkIdentity {
	agentId: string;
	machine: Machine;
	capacity: number;
	sign(message: Uint8Array): string;
	/** Fresh and not to be guessed, for every line. */
	nonce(): string;
}

/** What the server thinks of this agent, as far as it is known. */
export type LinkStanding = 'unknown' | 'pending' | 'approved' | 'refused' | 'locked';

export interface LinkListener {
	/** A line was accepted; its accounts come next. When this returns, the number is on the disk. */
	onWelcome(connSeq: number): void;
	/** @returns true when the sync is complete */
	onSync(frame: Extract<WebFrame, { type: 'sync' }>): boolean;
	/** The accounts are known; everything may be told now. */
	onSynced(): void;
	onCommand(frame: Extract<WebFrame, { type: 'command' }>): void;
	onAck(frame: Extract<WebFrame, { type: 'ack' }>): void;
	onSettle(frame: Extract<WebFrame, { type: 'settle' }>): void;
	/** Somebody tried to make this agent do something, and was refused. */
	onSecurity(code: string, message: string): void;
	/** Two copies of this agent were seen, the server says: whatever runs here must stop. */
	onLocked(reason: string): void;
	/** It is time to tell what changed. */
	onTelemetryDue(isFirst: boolean): void;
	/** It is time to repeat what was not acknowledged. */
	onResendDue(): void;
}

export interface AgentLinkDependencies {
	url: string;
	dial: Dial;
	identity: LinkIdentity;
	/** The server's key, pinned at enrolment. */
	server: SignatureCheck;
	listener: LinkListener;
	/** Number of the last connection that the server accepted. */
	connSeqSeen: () => number;
	/** Told of every answer that says what time it is at the server. */
	serverTime: ServerTime;
	clock: Clock;
	random: () => number;
	logger: Logger;
	pace?: Partial<LinkPace>;
}

export interface LinkPace {
	retryBaseMs: number;
	retryCapMs: number;
	/** After a refusal of this agent's identity: a person must act, so there is no hurry. */
	unauthorisedMs: number;
	/** A line that lasted so long was a good one: the back-off begins anew. */
	healthyMs: number;
	/** From dialling to the complete first sync. */
	handshakeMs: number;
	resendMs: number;
	/** The loop was away for so long (suspended machine, jumped clock): the line is not to be trusted. */
	gapMs: number;
}

const DEFAULT_PACE: LinkPace = {
	retryBaseMs: 500,
	retryCapMs: 30_000,
	unauthorisedMs: 60_000,
	healthyMs: 30_000,
	handshakeMs: 20_000,
	resendMs: 10_000,
	gapMs: 30_000
};

const PENDING = 'this agent waits for an operator to approve it on the Agents page';

/** The loop looks at least this often. */
const LONGEST_NAP_MS = 1_000;
/** Later than meant by so much, the whole process was held up. */
const HELD_UP_MS = 500;

interface Line {
	connection: Connection;
	/** From the challenge on. */
	session: LineSession | null;
	isPending: boolean;
	/** Its other end is not our server: nothing more is heard of it. */
	isForeign: boolean;
	dialledAtMs: number;
	isWelcome: boolean;
	isSynced: boolean;
	nextPingMs: number;
	nextTelemetryMs: number;
	nextResendMs: number;
	nextQuestionMs: number;
	/** When the proof of identity left, which the welcome answers; null before. */
	provedAt: Asked | null;
	/** The question for the time that is under way. */
	question: { number: number; asked: Asked } | null;
}

export class AgentLink {
	readonly #deps: AgentLinkDependencies;
	readonly #pace: LinkPace;
	readonly #waker: Waker<LinkWakeReason>;
	readonly #handlers: WebFrameHandlers;
	#line: Line | null = null;
	#ended: { code: number; reason: string } | null = null;
	#standing: LinkStanding = 'unknown';
	#retryAtMs = 0;
	#attempt = 0;
	#questions = 0;
	/** When the loop means to look again. */
	#nextLookMs = 0;
	#rhythm = {
		pingIntervalMs: PING_INTERVAL_MS,
		lineDeadMs: LINE_DEAD_MS,
		telemetryIntervalMs: TELEMETRY_INTERVAL_MS
	};

	constructor(deps: AgentLinkDependencies) {
		this.#deps = deps;
		this.#pace = { ...DEFAULT_PACE, ...deps.pace };
		this.#waker = new Waker(deps.clock);
		this.#handlers = this.#frameHandlers();
	}

	/** Accepted by the server, and the accounts are known. */
	get isConnected(): boolean {
		return this.#line?.isSynced === true && this.#line.connection.isOpen;
	}

	get standing(): LinkStanding {
		return this.#standing;
	}

	/** @returns false when the line is down or its accounts are not told yet */
	send(frame: Outgoing): boolean {
		return this.#line?.isSynced === true && this.#line.connection.send(frame);
	}

	/** Ends the present line, and dials again at once. */
	redial(reason: string): void {
		this.#line?.connection.close(CLOSE.normal, reason);
		this.#retryAtMs = 0;
		this.#standing = 'unknown';
		this.#waker.wake('redial');
	}

	/** Keeps the line up until the signal. */
	async run(signal: AbortSignal): Promise<void> {
		const { clock, logger } = this.#deps;
		logger.info({ url: this.#deps.url }, 'the line loop begins');
		let lastMs = clock.wallMs();
		try {
			for (;;) {
				const wallMs = clock.wallMs();
				if (Math.abs(wallMs - lastMs) > this.#pace.gapMs + LONGEST_NAP_MS) this.#onGap(wallMs - lastMs);
				lastMs = wallMs;
				this.#reconcile();
				const napMs = this.#napMs();
				this.#nextLookMs = clock.monotonicMs() + napMs;
				await this.#waker.wait(napMs, signal);
			}
		} catch (error) {
			if (!signal.aborted) throw error;
		} finally {
			this.#line?.connection.close(CLOSE.normal, 'the agent ends');
			this.#line?.connection.terminate();
			logger.info('the line loop ends');
		}
	}

	#reconcile(): void {
		const nowMs = this.#deps.clock.monotonicMs();
		if (this.#ended) this.#onEnded(this.#ended, nowMs);
		const line = this.#line;
		if (!line) {
			if (nowMs >= this.#retryAtMs) this.#dial(nowMs);
			return;
		}
		// A loop that was held up itself has not read yet what came meanwhile: the next round judges.
		const wasHeldUp = nowMs - this.#nextLookMs > HELD_UP_MS;
		const isSlow = !line.isSynced && !line.isPending && nowMs - line.dialledAtMs > this.#pace.handshakeMs;
		if (!wasHeldUp && (isSlow || line.connection.idleMs > this.#rhythm.lineDeadMs)) {
			this.#deps.logger.warn({ isSlow, idleMs: Math.round(line.connection.idleMs) }, 'the line is dead; cut');
			line.connection.terminate();
			return;
		}
		if (nowMs - line.dialledAtMs > this.#pace.healthyMs && line.isSynced) this.#attempt = 0;
		if (line.isWelcome && nowMs >= line.nextPingMs) {
			line.nextPingMs = nowMs + this.#rhythm.pingIntervalMs;
			line.connection.ping();
		}
		if (line.isSynced && nowMs >= line.nextTelemetryMs) {
			line.nextTelemetryMs = nowMs + this.#rhythm.telemetryIntervalMs;
			this.#deps.listener.onTelemetryDue(false);
		}
		if (line.isSynced && nowMs >= line.nextResendMs) {
			line.nextResendMs = nowMs + this.#pace.resendMs;
			this.#deps.listener.onResendDue();
		}
		if (line.isWelcome && !line.isPending && nowMs >= line.nextQuestionMs) this.#askTime(line, nowMs);
	}

	#napMs(): number {
		const nowMs = this.#deps.clock.monotonicMs();
		const line = this.#line;
		if (!line) return Math.min(LONGEST_NAP_MS, this.#retryAtMs - nowMs);
		const due = line.isSynced ? Math.min(line.nextPingMs, line.nextTelemetryMs) : line.nextPingMs;
		const deadMs = this.#rhythm.lineDeadMs - line.connection.idleMs;
		return Math.max(1, Math.min(LONGEST_NAP_MS, due - nowMs, deadMs + 1));
	}

	#dial(nowMs: number): void {
		const { url, dial, logger, clock } = this.#deps;
		const connection: Connection = new Connection(
			dial(url),
			{
				onFrame: (frame, raw) => {
					// An older line may still deliver; only the present one counts.
					if (this.#line?.connection === connection) this.#onFrame(this.#line, frame, raw);
				},
				onEnd: (code, reason) => {
					if (this.#line?.connection !== connection) return;
					this.#ended = { code, reason };
					this.#waker.wake('line_ended');
				}
			},
			logger,
			() => clock.monotonicMs()
		);
		this.#line = {
			connection,
			session: null,
			isPending: false,
			isForeign: false,
			dialledAtMs: nowMs,
			isWelcome: false,
			isSynced: false,
			nextPingMs: nowMs + this.#rhythm.pingIntervalMs,
			nextTelemetryMs: nowMs,
			nextResendMs: nowMs + this.#pace.resendMs,
			nextQuestionMs: nowMs,
			provedAt: null,
			question: null
		};
	}

	#askTime(line: Line, nowMs: number): void {
		line.nextQuestionMs = nowMs + TIME_QUESTION_MS;
		line.question = { number: ++this.#questions, asked: this.#deps.serverTime.asking() };
		line.connection.send({ type: 'time', question: line.question.number });
	}

	#onEnded({ code, reason }: { code: number; reason: string }, nowMs: number): void {
		const { random, logger } = this.#deps;
		const isUnauthorised =
			code === CLOSE.unauthorised || code === CLOSE.locked || this.#line?.isForeign === true;
		this.#ended = null;
		this.#line = null;
		if (isUnauthorised && this.#standing !== 'locked') this.#standing = 'refused';
		const { unauthorisedMs, retryBaseMs, retryCapMs } = this.#pace;
		const waitMs = isUnauthorised
			? unauthorisedMs
			: fullJitter(this.#attempt, retryBaseMs, retryCapMs, random);
		this.#attempt += 1;
		this.#retryAtMs = nowMs + waitMs;
		const message = isUnauthorised
			? 'this agent and this server do not know each other (revoked, enrolled elsewhere, or another server key); enrol it again'
			: 'the line ended';
		logger[isUnauthorised ? 'error' : 'warn']({ code, reason, waitMs: Math.round(waitMs) }, message);
	}

	#onGap(gapMs: number): void {
		this.#deps.logger.warn({ gapMs: Math.round(gapMs) }, 'time jumped; the line is dialled anew');
		this.#line?.connection.terminate();
	}

	#onFrame(line: Line, frame: WebFrame, raw: object): void {
		if (line.isForeign) return;
		try {
			if (!isGenuine(this.#deps.server, line.session, frame.type, raw)) return this.#onForged(line, frame);
			// The map is typed by the kind of frame; the compiler cannot follow that through an index.
			(this.#handlers[frame.type] as (frame: WebFrame) => void)(frame);
		} catch (error) {
			this.#deps.logger.error({ err: error, type: frame.type }, 'a frame could not be handled');
		}
	}

	/** Not from our server, or changed on the way: nothing of it is done. */
	#onForged(line: Line, frame: WebFrame): void {
		const { logger, listener } = this.#deps;
		logger.error({ type: frame.type }, 'SECURITY: a frame is not signed by the server this agent knows');
		if (frame.type === 'command') {
			const message = `A ${frame.kind} for account ${frame.accountId} was not signed by the server; nothing was done.`;
			return listener.onSecurity('forged_command', message);
		}
		listener.onSecurity('forged_frame', `A ${frame.type} was not signed by the server; nothing was done.`);
		line.isForeign = true;
		line.connection.close(
			CLOSE.unauthorised,
			`the ${frame.type} is not signed by the server this agent knows`
		);
	}

	#frameHandlers(): WebFrameHandlers {
		const { listener, identity, connSeqSeen, serverTime } = this.#deps;
		return {
			challenge: ({ nonce }) => {
				const { agentId, machine, capacity } = identity;
				const seen = connSeqSeen();
				const line = this.#line;
				// One challenge per line: a second one could not be answered without mixing two sessions.
				if (!line || line.session) return;
				const session = { agentId, serverNonce: nonce, agentNonce: identity.nonce() };
				line.session = session;
				line.connection.send({
					type: 'hello',
					agentId,
					agentVersion: AGENT_VERSION,
					capabilities: [...CAPABILITIES],
					machine,
					capacity,
					connSeqSeen: seen,
					nonce: session.agentNonce
				});
				line.provedAt = serverTime.asking();
				line.connection.send({ type: 'auth', signature: identity.sign(authMessage(session, seen)) });
			},
			welcome: ({ connSeq, standing, pingIntervalMs, lineDeadMs, telemetryIntervalMs, serverTimeMs }) => {
				const line = this.#line;
				if (!line || line.isWelcome) return;
				this.#standing = standing;
				line.isPending = standing === 'pending';
				this.#rhythm = { pingIntervalMs, lineDeadMs, telemetryIntervalMs };
				line.isWelcome = true;
				line.nextPingMs = this.#deps.clock.monotonicMs() + pingIntervalMs;
				if (line.provedAt) serverTime.answered(line.provedAt, serverTimeMs);
				line.nextQuestionMs = this.#deps.clock.monotonicMs() + TIME_QUESTION_MS;
				const offsetMs = serverTimeMs - this.#deps.clock.wallMs();
				this.#deps.logger.info(
					{ connSeq, offsetMs },
					line.isPending ? PENDING : 'the server accepted this agent'
				);
				listener.onWelcome(connSeq);
				line.connection.send({ type: 'ready', connSeq });
				this.#waker.wake('welcomed');
			},
			sync: (frame) => {
				const line = this.#line;
				if (!line?.isWelcome) return;
				if (!listener.onSync(frame) || !frame.isFull || line.isSynced) return;
				line.isSynced = true;
				listener.onTelemetryDue(true);
				listener.onSynced();
				this.#waker.wake('synced');
			},
			time: ({ question: number, serverTimeMs }) => {
				const question = this.#line?.question;
				if (question?.number === number) serverTime.answered(question.asked, serverTimeMs);
			},
			locked: ({ reason }) => {
				this.#deps.logger.error({ reason }, 'SECURITY: this agent is locked; its EAs are stopped');
				this.#standing = 'locked';
				listener.onLocked(reason);
			},
			command: (frame) => this.#whenWelcome(() => listener.onCommand(frame)),
			ack: (frame) => this.#whenWelcome(() => listener.onAck(frame)),
			settle: (frame) => this.#whenWelcome(() => listener.onSettle(frame))
		};
	}

	/** Before the server accepted us it has nothing to order. */
	#whenWelcome(handle: () => void): void {
		if (this.#line?.isWelcome) handle();
	}
}
