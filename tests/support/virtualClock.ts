import { type Clock } from '#lib/domain/clock.ts';

/** Time that passes only when everybody sleeps. */
export class VirtualClock implements Clock {
	now = 0;
	readonly #startMs: number;
	readonly #sleepers = new Map<object, { atMs: number; wake: () => void }>();

	constructor(startMs: number) {
		this.#startMs = startMs;
	}

	monotonicMs = (): number => this.now;
	wallMs = (): number => this.#startMs + this.now;

	sleep(ms: number, signal: AbortSignal): Promise<void> {
		return new Promise((resolve, reject) => {
			const key = {};
			const onAbort = (): void => {
				this.#sleepers.delete(key);
				reject(signal.reason);
			};
			if (signal.aborted) return reject(signal.reason);
			signal.addEventListener('abort', onAbort, { once: true });
			this.#sleepers.set(key, {
				atMs: this.now + ms,
				wake: () => {
					signal.removeEventListener('abort', onAbort);
					resolve();
				}
			});
		});
	}

	/** Lets so much time pass, and everything happen that is due in it. */
	async pass(ms: number): Promise<void> {
		const untilMs = this.now + ms;
		for (;;) {
			// Whatever follows from what happened just now.
			for (let i = 0; i < 50; i++) await Promise.resolve();
			const [next] = [...this.#sleepers].sort(([, a], [, b]) => a.atMs - b.atMs);
			if (!next || next[1].atMs > untilMs) break;
			this.now = Math.max(this.now, next[1].atMs);
			this.#sleepers.delete(next[0]);
			next[1].wake();
		}
		this.now = untilMs;
	}
}
