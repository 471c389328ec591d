/**
 * How callbacks talk to a loop: they leave a reason and wake it; only the loop acts. Reasons left while the
 * loop is busy are not lost.
 */
import { type Clock } from './clock.ts';

/** One for all: nobody sees it, and making one costs a stack trace. */
const AWAKE = new Error('woken');

export class Waker<Reason extends string> {
	readonly #clock: Clock;
	#reasons = new Set<Reason>();
	#nap: AbortController | null = null;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	wake(reason: Reason): void {
		this.#reasons.add(reason);
		this.#nap?.abort(AWAKE);
	}

	/** Waits for a reason, at most `ms`. @returns the reasons; empty when the time passed */
	async wait(ms: number, signal: AbortSignal): Promise<ReadonlySet<Reason>> {
		signal.throwIfAborted();
		if (this.#reasons.size === 0) await this.#sleep(ms, signal);
		const reasons = this.#reasons;
		this.#reasons = new Set();
		return reasons;
	}

	async #sleep(ms: number, signal: AbortSignal): Promise<void> {
		const nap = new AbortController();
		const end = (): void => nap.abort(AWAKE);
		signal.addEventListener('abort', end, { once: true });
		this.#nap = nap;
		try {
			await this.#clock.sleep(Math.max(0, ms), nap.signal);
		} catch (error) {
			signal.throwIfAborted();
			if (!nap.signal.aborted) throw error;
		} finally {
			this.#nap = null;
			signal.removeEventListener('abort', end);
		}
	}
}
