/** The machine's own time, for everything outside of tests. */
import { setTimeout as nodeSleep } from 'node:timers/promises';
import type { TimerClock } from '#lib/domain/clock.ts';

export const systemClock: TimerClock = {
	monotonicMs: () => performance.now(),
	wallMs: () => Date.now(),
	async sleep(ms, signal) {
		try {
			await nodeSleep(ms, undefined, { signal });
		} catch (error) {
			signal.throwIfAborted();
			throw error;
		}
	},
	after(ms, callback) {
		const timer = setTimeout(callback, ms);
		return () => clearTimeout(timer);
	},
	soon: (callback) => void setImmediate(callback)
};
