import { unlessAborted, withinMs } from '../abort.ts';
import { endForGood, haltEa, type Steps } from './steps.ts';

/** EA off as far as it can be seen, then the terminal down for good; the directory and its saved login stay. */
export async function disconnect(steps: Steps, signal: AbortSignal): Promise<void> {
	const { instance, bringUp, clock, timings } = steps;
	// A launch that is under way is not lost sight of: it is ended too.
	await unlessAborted(bringUp.settled(), signal);
	if (instance.fresh)
		await withinMs(timings.undoMs, clock, signal, (limited) => haltEa(steps, limited)).catch(() =>
			// What cannot be unloaded ends with its terminal.
			signal.throwIfAborted()
		);
	await endForGood(steps, timings.closeMs, signal);
}
