/** A supervisor's loop that outlives its faults. */
import { fullJitter } from '#lib/domain/backoff.ts';
import { type Clock } from '../clock.ts';
import { type Timings } from './timings.ts';

export interface KeepOnTools {
	clock: Clock;
	random: () => number;
	timings: Pick<Timings, 'retryBaseMs' | 'retryCapMs'>;
	/** Logs and shows it. */
	onFault: (error: unknown) => void;
}

/** Runs a loop until the signal; a fault in it is told, and the loop goes on after a while. Never throws. */
export async function keepOn(
	loop: () => Promise<void>,
	{ clock, random, timings, onFault }: KeepOnTools,
	signal: AbortSignal
): Promise<void> {
	for (let attempt = 0; !signal.aborted; attempt++) {
		try {
			await loop();
		} catch (error) {
			if (signal.aborted) return;
			onFault(error);
			const pauseMs =
				timings.retryBaseMs / 4 + fullJitter(attempt, timings.retryBaseMs, timings.retryCapMs, random);
			await clock.sleep(pauseMs, signal).catch(() => {});
		}
	}
}
