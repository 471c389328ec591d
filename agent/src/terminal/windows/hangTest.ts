/**
 * Whether a terminal's window takes messages. Windows' own verdict counts at once. Where it gives none, the
 * window is pinged: a ping waits in one of the agent's few threads, so there is one at a time for all terminals,
 * and a single one that was not answered proves nothing.
 */

/** Windows' own limit for a window that hangs. */
const HUNG_AFTER_MS = 5_000;
const PING_TIMEOUT_MS = 1_000;
/** An answered ping counts for so long. */
const PING_AGAIN_MS = 10_000;

export interface HangSenses {
	/** Windows' verdict, without waiting. */
	isHung(): boolean;
	/** @returns whether the window answered in time */
	ping(timeoutMs: number): Promise<boolean>;
}

interface Pinged {
	answeredAtMs: number;
	/** Since when no ping was answered. */
	silentSinceMs: number | null;
}

export class HangTest {
	readonly #monotonicMs: () => number;
	readonly #pinged = new Map<string, Pinged>();
	#isPinging = false;

	constructor(monotonicMs: () => number) {
		this.#monotonicMs = monotonicMs;
	}

	/** @param key names one process, also after its pid was given to another */
	async isHung(key: string, senses: HangSenses): Promise<boolean> {
		if (senses.isHung()) return true;
		const known = this.#pinged.get(key);
		const nowMs = this.#monotonicMs();
		const isDue = !known || known.silentSinceMs !== null || nowMs - known.answeredAtMs >= PING_AGAIN_MS;
		if (isDue && !this.#isPinging) await this.#ping(key, senses);
		const silentSinceMs = this.#pinged.get(key)?.silentSinceMs ?? null;
		return silentSinceMs !== null && this.#monotonicMs() - silentSinceMs >= HUNG_AFTER_MS;
	}

	/** Of a process that ended. */
	forget(key: string): void {
		this.#pinged.delete(key);
	}

	async #ping(key: string, senses: HangSenses): Promise<void> {
		this.#isPinging = true;
		const askedAtMs = this.#monotonicMs();
		try {
			const isAnswered = await senses.ping(PING_TIMEOUT_MS);
			this.#pinged.set(key, {
				answeredAtMs: this.#monotonicMs(),
				silentSinceMs: isAnswered ? null : (this.#pinged.get(key)?.silentSinceMs ?? askedAtMs)
			});
		} finally {
			this.#isPinging = false;
		}
	}
}
