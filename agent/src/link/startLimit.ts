/**
 * However many Starts the server asks for, and however well they are signed: an agent that is told to start far
 * more than a person could press refuses the rest. Stop and Pause are never counted.
 */
export const MAX_STARTS_PER_MINUTE = 200;
const MINUTE_MS = 60_000;

export class StartLimit {
	readonly #monotonicMs: () => number;
	#startedAtMs: number[] = [];

	constructor(monotonicMs: () => number) {
		this.#monotonicMs = monotonicMs;
	}

	/** Counts one Start. @returns false when there were too many within the last minute */
	take(): boolean {
		const nowMs = this.#monotonicMs();
		this.#startedAtMs = this.#startedAtMs.filter((atMs) => nowMs - atMs < MINUTE_MS);
		if (this.#startedAtMs.length >= MAX_STARTS_PER_MINUTE) return false;
		this.#startedAtMs.push(nowMs);
		return true;
	}
}
