/** The machine's own time; the port is shared with the web. */
import { setTimeout as nodeSleep } from 'node:timers/promises';
import { type Clock } from '#lib/domain/clock.ts';

export { type Clock };

export const systemClock: Clock = {
	// The clock of BridgeChannel.newest.readAtMs too.
	monotonicMs: () => performance.now(),
	wallMs: () => Date.now(),
	async sleep(ms, signal) {
		try {
			await nodeSleep(ms, undefined, { signal });
		} catch (error) {
			signal.throwIfAborted();
			throw error;
		}
	}
};
