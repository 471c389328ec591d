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
import { CLOSE } from '#lib/protocol/frames.ts';
import { Waker } from '../waker.ts';
import { Connection, type Outgoing } from './connection.ts';
import { newLine, type Line } from './line.ts';
import { createLineFrames, type LineRhythm } from './lineFrames.ts';
import { DEFAULT_PACE, type AgentLinkDependencies, type LinkPace, type LinkStanding } from './linkPorts.ts';

export type LinkWakeReason = 'line_ended' | 'welcomed' | 'synced' | 'redial';

/** The loop looks at least this often. */
const LONGEST_NAP_MS = 1_000;
/** Later than meant by so much, the whole process was held up. */
const HELD_UP_MS = 500;

export class AgentLink {
	readonly #deps: AgentLinkDependencies;
	readonly #pace: LinkPace;
	readonly #waker: Waker<LinkWakeReason>;
	readonly #onFrame: ReturnType<typeof createLineFrames>;
	#line: Line | null = null;
	#ended: { code: number; reason: string } | null = null;
	#standing: LinkStanding = 'unknown';
	#retryAtMs = 0;
	#attempt = 0;
	#questions = 0;
	/** When the loop means to look again. */
	#nextLookMs = 0;
	#rhythm: LineRhythm = {
		pingIntervalMs: PING_INTERVAL_MS,
		lineDeadMs: LINE_DEAD_MS,
		telemetryIntervalMs: TELEMETRY_INTERVAL_MS
	};

	constructor(deps: AgentLinkDependencies) {
		this.#deps = deps;
		this.#pace = { ...DEFAULT_PACE, ...deps.pace };
		this.#waker = new Waker(deps.clock);
		this.#onFrame = createLineFrames({
			...deps,
			line: () => this.#line,
			onStanding: (standing) => {
				this.#standing = standing;
			},
			onRhythm: (rhythm) => {
				this.#rhythm = rhythm;
			},
			wake: (reason) => this.#waker.wake(reason)
		});
	}

	/** Accepted by the server, and the accounts are known. */
	get isConnected(): boolean {
		return this.#line?.isSynced === true && this.#line.connection.isOpen;
	}

	/** Connected to a server that takes deals. */
	get takesDeals(): boolean {
		return this.isConnected && this.#line?.takesDeals === true;
	}

	/** Connected to a server that gives the EAs that traders uploaded. */
	get givesExperts(): boolean {
		return this.isConnected && this.#line?.givesExperts === true;
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
				this.#deps.serverTime.look();
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
		const { pingIntervalMs } = this.#rhythm;
		this.#line = newLine(connection, nowMs, { pingIntervalMs, resendMs: this.#pace.resendMs });
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
}
