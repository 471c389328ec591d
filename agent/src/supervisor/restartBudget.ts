/** Restarts per window; once used up the circuit is open and stays so until somebody closes it on purpose. */
export class RestartBudget {
	readonly #budget: number;
	readonly #windowMs: number;
	#restarts: number[] = [];
	#isOpen = false;

	constructor(budget: number, windowMs: number) {
		this.#budget = budget;
		this.#windowMs = windowMs;
	}

	get isOpen(): boolean {
		return this.#isOpen;
	}

	/** Takes one restart. @returns its number within the window; null when there is none left, and the circuit is open now */
	take(nowMs: number): number | null {
		this.#restarts = this.#restarts.filter((at) => nowMs - at < this.#windowMs);
		if (this.#restarts.length >= this.#budget) this.#isOpen = true;
		if (this.#isOpen) return null;
		this.#restarts.push(nowMs);
		return this.#restarts.length;
	}

	/** A person asked to try again. */
	close(): void {
		this.#isOpen = false;
		this.#restarts = [];
	}
}
