/**
 * What time it is at the server, at the latest. Deadlines are in the server's time, and this machine's own
 * clock is not trusted with them.
 *
 * Each sample is a question of ours and the server's answer to it. The server looked at its clock after the
 * question left, so its time is now at most what it said plus all that has passed since the question: a bound
 * that holds however slow the way was. What has passed is counted look by look, each time by the clock that went
 * further: the monotonic one may stand still while a machine sleeps, the other may be set back. Both at once, within
 * one sleep, is not noticed.
 */
import { type Clock } from '../clock.ts';

/** Two quartz clocks drift apart by less than this. */
const MAX_DRIFT = 500e-6;
/** Older samples are dropped: the server's own clock may have been set since. */
const KEEP_MS = 180_000;

/** Between two looks the wall clock may differ by so much (it counts in whole milliseconds, and is slewed). */
const SLEWED_MS = 250;

/** The moment a question left. */
export interface Asked {
	/** On the count of what has passed. */
	passedMs: number;
}

export class ServerTime {
	readonly #clock: Clock;
	#samples: Array<Asked & { serverTimeMs: number }> = [];

	#passedMs = 0;
	#looked: { monotonicMs: number; wallMs: number };

	constructor(clock: Clock) {
		this.#clock = clock;
		this.#looked = { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
	}

	/** To be called every second or so: the shorter the time between two looks, the less a clock can hide. */
	look(): void {
		const now = { monotonicMs: this.#clock.monotonicMs(), wallMs: this.#clock.wallMs() };
		const monotonicMs = Math.max(0, now.monotonicMs - this.#looked.monotonicMs);
		const wallMs = now.wallMs - this.#looked.wallMs;
		this.#passedMs += wallMs > monotonicMs + SLEWED_MS ? wallMs : monotonicMs;
		this.#looked = now;
	}

	/** To be taken right before the question leaves. */
	asking(): Asked {
		this.look();
		return { passedMs: this.#passedMs };
	}

	/** The server's answer to what was asked then. */
	answered(asked: Asked, serverTimeMs: number): void {
		this.look();
		const fresh = this.#samples.filter((sample) => this.#passedMs - sample.passedMs <= KEEP_MS);
		this.#samples = [...fresh, { ...asked, serverTimeMs }];
	}

	/** The server's time is not later than this, in milliseconds since 1970; null before the first answer. */
	latestMs(): number | null {
		this.look();
		const bounds = this.#samples.map(
			({ serverTimeMs, passedMs }) => serverTimeMs + (this.#passedMs - passedMs) * (1 + MAX_DRIFT)
		);
		return bounds.length === 0 ? null : Math.min(...bounds);
	}

	/** Whether `notAfterMs` of the server's time may be over; without any answer yet, it may. */
	mayBePast(notAfterMs: number): boolean {
		const latest = this.latestMs();
		return latest === null || latest > notAfterMs;
	}
}
