/**
 * Brings deals to the server: a few frames of the whole agent at a time, since they share the line with commands,
 * each until the server says that it is stored. What was under way on a line that ended, or waits for one, is sent in
 * the moment in which a line opens; the places keep many accounts from flooding it.
 */
import { type WebFrames } from '#lib/protocol/frames.ts';
import { type Clock } from '../clock.ts';
import { crashpoint } from '../crashpoint.ts';
import { type Outgoing } from '../link/connection.ts';
import { Slots } from '../supervisor/slots.ts';
import { type Timings } from '../supervisor/timings.ts';
import { Waker } from '../waker.ts';
import { type DealParts } from './sentDeals.ts';

/** Well below what may wait on the line (connection.ts), and below what the server takes of one agent (dealWriter.ts). */
const MOST_UNDER_WAY = 4;

export interface DealPostDependencies {
	/** The line is up, and its server takes deals. */
	isOpen: () => boolean;
	/** @returns false when the line is down; a true proves nothing */
	send: (frame: Outgoing) => boolean;
	clock: Clock;
	timings: Pick<Timings, 'dealsMs' | 'dealsSoonMs' | 'dealsStoredMs'>;
}

interface Owner {
	accountId: string;
	epoch: number;
}

export class DealPost {
	readonly #deps: DealPostDependencies;
	readonly #slots = new Slots(MOST_UNDER_WAY);
	readonly #awaited = new Map<number, Owner & { stored: () => void }>();
	readonly #listeners = new Set<() => void>();
	#batches = 0;

	constructor(deps: DealPostDependencies) {
		this.#deps = deps;
	}

	get isOpen(): boolean {
		return this.#deps.isOpen();
	}

	/** @param listener hears of every line that opens. @returns ends that */
	onOpened(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => void this.#listeners.delete(listener);
	}

	/** A line opened: whatever was sent before went over one that is no more. */
	opened(): void {
		for (const listener of [...this.#listeners]) listener();
	}

	/**
	 * Sends them until they are stored.
	 * @param isStillTheirs asked before each repetition
	 * @returns false when they are not theirs any more; then it is not known whether they are stored
	 * @throws the signal's reason
	 */
	async deliver(
		owner: Owner,
		parts: DealParts,
		{ isStillTheirs, signal }: { isStillTheirs: () => boolean; signal: AbortSignal }
	): Promise<boolean> {
		const { dealsSoonMs, dealsMs } = this.#deps.timings;
		for (let pauseMs = dealsSoonMs; ; pauseMs = Math.min(dealsMs, pauseMs * 2)) {
			if (await this.#attempt(owner, parts, pauseMs, signal)) return true;
			if (!isStillTheirs()) return false;
		}
	}

	/** Sends them once. @returns whether they are stored; else they may be sent again now */
	async #attempt(owner: Owner, parts: DealParts, pauseMs: number, signal: AbortSignal): Promise<boolean> {
		const { clock, timings, send } = this.#deps;
		const release = await this.#slots.acquire(signal);
		const waker = new Waker<'stored' | 'line_opened'>(clock);
		const forget = this.onOpened(() => waker.wake('line_opened'));
		const batch = ++this.#batches;
		this.#awaited.set(batch, { ...owner, stored: () => waker.wake('stored') });
		try {
			if (this.isOpen && send({ type: 'deals', ...owner, batch, ...parts })) {
				crashpoint('deals-sent');
				const reasons = await waker.wait(timings.dealsStoredMs, signal);
				if (reasons.size > 0) return reasons.has('stored');
			}
			release();
			return (await waker.wait(pauseMs, signal)).has('stored');
		} finally {
			this.#awaited.delete(batch);
			forget();
			release();
		}
	}

	onStored({ accountId, epoch, batch }: WebFrames['deals_stored']): void {
		const awaited = this.#awaited.get(batch);
		if (awaited?.accountId !== accountId || awaited.epoch !== epoch) return;
		crashpoint('deals-acknowledged');
		awaited.stored();
	}
}
