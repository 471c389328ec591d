/**
 * How much time has passed on this machine, sleep and all. Counted look by look, each time by the clock that went
 * further: the monotonic one may stand still while a machine sleeps, the other may be set back. Both at once, within
 * one sleep, is not noticed; a clock that is set forward counts as time that passed.
 */
import { type Clock } from './clock.ts';

/** Between two looks the wall clock may differ by so much (it counts in whole milliseconds, and is slewed). */
const SLEWED_MS = 250;

export class PassedTime {
	readonly #clock: Pick<Clock, 'monotonicMs' | 'wallMs'>;
	#passedMs = 0;
	#looked: { monotonicMs: number; wallMs: number };

	constructor(clock: Pick<Clock, 'monotonicMs' | 'wallMs'>) {
		this.#clock = clock;
		this.#looked = { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
	}

	/**
	 * To be called every second or so: the shorter the time between two looks, the less a clock can hide.
	 * @returns what has passed since this was made, in milliseconds
	 */
	look(): number {
		const now = { monotonicMs: this.#clock.monotonicMs(), wallMs: this.#clock.wallMs() };
		const monotonicMs = Math.max(0, now.monotonicMs - this.#looked.monotonicMs);
		const wallMs = now.wallMs - this.#looked.wallMs;
		this.#passedMs += wallMs > monotonicMs + SLEWED_MS ? wallMs : monotonicMs;
		this.#looked = now;
		return this.#passedMs;
	}
}
