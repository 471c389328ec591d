/** Time as a port, so that tests can hold it in their hands. */
import { setTimeout as nodeSleep } from 'node:timers/promises';

export interface Clock {
	/** Milliseconds since some fixed moment; never jumps. The time of every wait and every age. */
	monotonicMs(): number;
	/** Milliseconds since 1970; may jump. Only for people, and for noticing that it jumped. */
	wallMs(): number;
	/** Waits. @throws the signal's reason when it is aborted meanwhile */
	sleep(ms: number, signal: AbortSignal): Promise<void>;
}

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
