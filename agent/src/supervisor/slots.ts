/**
 * At most so many terminals come up at the same time, since a start costs much CPU and disk. Only launches
 * wait here; Stop and Pause never do.
 */
export class Slots {
	#free: number;
	readonly #queue: Array<() => void> = [];

	constructor(count: number) {
		this.#free = count;
	}

	/** @returns gives the slot back, once. @throws the signal's reason */
	async acquire(signal: AbortSignal): Promise<() => void> {
		signal.throwIfAborted();
		if (this.#free > 0) this.#free -= 1;
		else await this.#wait(signal);
		let isHeld = true;
		return () => {
			if (!isHeld) return;
			isHeld = false;
			const next = this.#queue.shift();
			if (next) next();
			else this.#free += 1;
		};
	}

	#wait(signal: AbortSignal): Promise<void> {
		return new Promise((resolve, reject) => {
			const onAbort = (): void => {
				const place = this.#queue.indexOf(enter);
				if (place >= 0) this.#queue.splice(place, 1);
				reject(signal.reason);
			};
			const enter = (): void => {
				signal.removeEventListener('abort', onAbort);
				resolve();
			};
			signal.addEventListener('abort', onAbort, { once: true });
			this.#queue.push(enter);
		});
	}
}
