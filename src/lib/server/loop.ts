import type { TimerClock } from '#lib/domain/clock.ts';
import type { Logger } from './logger.ts';

/**
 * Calls `work` again and again, `intervalMs` after the end of the call before; a call that fails is logged and
 * the loop goes on.
 * @returns stops the loop, and waits for a call under way
 */
export function startLoop(
	name: string,
	intervalMs: number,
	{ clock, logger }: { clock: TimerClock; logger: Logger },
	work: () => Promise<void> | void
): () => Promise<void> {
	let isStopped = false;
	let forget = () => {};
	let running: Promise<void> = Promise.resolve();

	async function once(): Promise<void> {
		try {
			await work();
		} catch (error) {
			logger.error({ err: error, loop: name }, 'a loop failed; it goes on');
		}
		if (!isStopped) schedule();
	}
	function schedule(): void {
		forget = clock.after(intervalMs, () => (running = once()));
	}

	schedule();
	logger.debug({ loop: name, intervalMs }, 'loop started');
	return async () => {
		isStopped = true;
		forget();
		await running;
	};
}
