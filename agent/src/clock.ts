/** The machine's own time; the port is shared with the web. */
import { type Clock } from '#lib/domain/clock.ts';

export { type Clock };

export const systemClock: Clock = {
	// The clock of BridgeChannel.newest.readAtMs too.
	monotonicMs: () => performance.now(),
	wallMs: () => Date.now(),
	// That of node:timers/promises makes an error with a stack for every wait that ends early, and most of them do.
	sleep: (ms, signal) =>
		new Promise((resolve, reject) => {
			if (signal.aborted) return reject(signal.reason);
			const onAbort = (): void => {
				clearTimeout(timer);
				reject(signal.reason);
			};
			const timer = setTimeout(() => {
				signal.removeEventListener('abort', onAbort);
				resolve();
			}, ms);
			signal.addEventListener('abort', onAbort, { once: true });
		})
};
