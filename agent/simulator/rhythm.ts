/** The timers of one simulated terminal, so that a hang can stop them all at once. */
export class Rhythm {
	readonly #timers = new Set<NodeJS.Timeout>();

	/** Calls `work` every `ms`, until stopped by the answer or by `stopAll`. */
	every(ms: number, work: () => void): () => void {
		return this.#keep(setInterval(work, ms));
	}

	after(ms: number, work: () => void): () => void {
		const forget: () => void = this.#keep(
			setTimeout(() => {
				forget();
				work();
			}, ms)
		);
		return forget;
	}

	stopAll(): void {
		for (const timer of this.#timers) clearTimeout(timer);
		this.#timers.clear();
	}

	#keep(timer: NodeJS.Timeout): () => void {
		this.#timers.add(timer);
		return () => {
			clearTimeout(timer);
			this.#timers.delete(timer);
		};
	}
}
