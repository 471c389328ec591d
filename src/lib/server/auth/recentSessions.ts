/**
 * Sessions that were found good within the last minutes, in memory: who they are stays known while the database
 * is away, for the one thing that must work then, Stop. Nothing else may be allowed by them.
 */
import { RECENT_SESSION_MS } from '#lib/domain/limits.ts';

const MOST = 20_000;

export class RecentSessions<Session extends { session: { id: string } }> {
	/** By the hash of the token; the longest unused first. */
	readonly #byHash = new Map<string, { session: Session; atMs: number }>();
	readonly #nowMs: () => number;

	constructor(nowMs: () => number) {
		this.#nowMs = nowMs;
	}

	remember(tokenHash: string, session: Session): void {
		this.#byHash.delete(tokenHash);
		this.#byHash.set(tokenHash, { session, atMs: this.#nowMs() });
		for (const [oldest, { atMs }] of this.#byHash) {
			if (this.#byHash.size <= MOST && this.#nowMs() - atMs <= RECENT_SESSION_MS) break;
			this.#byHash.delete(oldest);
		}
	}

	/** Null for one that was not seen within the last minutes. */
	recall(tokenHash: string): Session | null {
		const known = this.#byHash.get(tokenHash);
		return known && this.#nowMs() - known.atMs <= RECENT_SESSION_MS ? known.session : null;
	}

	/** These were ended, or got another token. */
	forget(sessionIds: readonly string[]): void {
		const ended = new Set(sessionIds);
		for (const [hash, { session }] of this.#byHash)
			if (ended.has(session.session.id)) this.#byHash.delete(hash);
	}
}
