/**
 * How long this agent has been without the server: what the dead-man policy counts. The last contact is kept in
 * the journal, so that a restart without server does not begin the count anew.
 */
import { type Clock } from '../clock.ts';

/** The journal is told of the contact at most this often; by so much a restart may count too long. */
const NOTE_MS = 30_000;

export interface ControlWatchDependencies {
	isConnected: () => boolean;
	/** Wall time of the last contact that was noted, ms since 1970; null when there was none. */
	lastNoted: () => number | null;
	note: (wallMs: number) => void;
	clock: Clock;
}

export class ControlWatch {
	readonly #deps: ControlWatchDependencies;
	#lastContactMs: number;
	#notedAtMs = -Infinity;

	constructor(deps: ControlWatchDependencies) {
		const { clock, lastNoted } = deps;
		this.#deps = deps;
		const wallMs = clock.wallMs();
		const sinceMs = Math.max(0, wallMs - (lastNoted() ?? wallMs));
		this.#lastContactMs = clock.monotonicMs() - sinceMs;
	}

	/** 0 while the line is up. Asked again and again, since asking is how the contact is seen. */
	lostForMs(): number {
		const { clock, isConnected, note } = this.#deps;
		const nowMs = clock.monotonicMs();
		if (!isConnected()) return nowMs - this.#lastContactMs;
		this.#lastContactMs = nowMs;
		if (nowMs - this.#notedAtMs >= NOTE_MS) {
			this.#notedAtMs = nowMs;
			note(clock.wallMs());
		}
		return 0;
	}
}
