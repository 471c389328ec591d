/**
 * What time it is at the server, at the latest. Deadlines are in the server's time, and this machine's own
 * clock is not trusted with them.
 *
 * Each sample is a question of ours and the server's answer to it. The server looked at its clock after the
 * question left, so its time is now at most what it said plus all that has passed since the question: a bound
 * that holds however slow the way was. What has passed is the greater of the monotonic and the wall clock's
 * word: the first may stand still while a machine sleeps, the second may be set back.
 */
import { type Clock } from '../clock.ts';

/** Two quartz clocks drift apart by less than this. */
const MAX_DRIFT = 500e-6;
/** Older samples are dropped: the server's own clock may have been set since. */
const KEEP_MS = 180_000;

/** The moment a question left, on both clocks. */
export interface Asked {
	monotonicMs: number;
	wallMs: number;
}

export class ServerTime {
	readonly #clock: Clock;
	#samples: Array<Asked & { serverTimeMs: number }> = [];

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** To be taken right before the question leaves. */
	asking(): Asked {
		return { monotonicMs: this.#clock.monotonicMs(), wallMs: this.#clock.wallMs() };
	}

	/** The server's answer to what was asked then. */
	answered(asked: Asked, serverTimeMs: number): void {
		const fresh = this.#samples.filter((sample) => this.#passedMs(sample) <= KEEP_MS);
		this.#samples = [...fresh, { ...asked, serverTimeMs }];
	}

	/** The server's time is not later than this, in milliseconds since 1970; null before the first answer. */
	latestMs(): number | null {
		const bounds = this.#samples.map(
			(sample) => sample.serverTimeMs + this.#passedMs(sample) * (1 + MAX_DRIFT)
		);
		return bounds.length === 0 ? null : Math.min(...bounds);
	}

	/** Whether `notAfterMs` of the server's time may be over; without any answer yet, it may. */
	mayBePast(notAfterMs: number): boolean {
		const latest = this.latestMs();
		return latest === null || latest > notAfterMs;
	}

	#passedMs({ monotonicMs, wallMs }: Asked): number {
		return Math.max(0, this.#clock.monotonicMs() - monotonicMs, this.#clock.wallMs() - wallMs);
	}
}
