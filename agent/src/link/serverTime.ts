/**
 * What time it is at the server, at the latest. Deadlines are in the server's time, and this machine's own
 * clock is not trusted with them.
 *
 * Each sample is a question of ours and the server's answer to it. The server looked at its clock after the
 * question left, so its time is now at most what it said plus all that has passed since the question: a bound
 * that holds however slow the way was. What has passed counts sleep (passedTime.ts).
 */
import { type Clock } from '../clock.ts';
import { PassedTime } from '../passedTime.ts';

/** Two quartz clocks drift apart by less than this. */
const MAX_DRIFT = 500e-6;
/** Older samples are dropped: the server's own clock may have been set since. */
const KEEP_MS = 180_000;

/** The moment a question left. */
export interface Asked {
	/** On the count of what has passed. */
	passedMs: number;
}

export class ServerTime {
	readonly #passed: PassedTime;
	#samples: Array<Asked & { serverTimeMs: number }> = [];

	constructor(clock: Clock) {
		this.#passed = new PassedTime(clock);
	}

	/** To be called every second or so: the shorter the time between two looks, the less a clock can hide. */
	look(): void {
		this.#passed.look();
	}

	/** To be taken right before the question leaves. */
	asking(): Asked {
		return { passedMs: this.#passed.look() };
	}

	/** The server's answer to what was asked then. */
	answered(asked: Asked, serverTimeMs: number): void {
		const passedMs = this.#passed.look();
		const fresh = this.#samples.filter((sample) => passedMs - sample.passedMs <= KEEP_MS);
		this.#samples = [...fresh, { ...asked, serverTimeMs }];
	}

	/** The server's time is not later than this, in milliseconds since 1970; null before the first answer. */
	latestMs(): number | null {
		const nowMs = this.#passed.look();
		const bounds = this.#samples.map(
			({ serverTimeMs, passedMs }) => serverTimeMs + (nowMs - passedMs) * (1 + MAX_DRIFT)
		);
		return bounds.length === 0 ? null : Math.min(...bounds);
	}

	/** Whether `notAfterMs` of the server's time may be over; without any answer yet, it may. */
	mayBePast(notAfterMs: number): boolean {
		const latest = this.latestMs();
		return latest === null || latest > notAfterMs;
	}
}
