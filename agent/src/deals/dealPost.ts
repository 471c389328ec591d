/**
 * Brings deals to the server: a few frames of the whole agent at a time, since they share the line with commands,
 * each until the server says that it is stored.
 */
import { type WebFrames } from '#lib/protocol/frames.ts';
import { type Clock } from '../clock.ts';
import { crashpoint } from '../crashpoint.ts';
import { type Outgoing } from '../link/connection.ts';
import { Slots } from '../supervisor/slots.ts';
import { type DealParts } from './sentDeals.ts';

/** Well below what may wait on the line (connection.ts), and below what the server takes of one agent (dealWriter.ts). */
const MOST_UNDER_WAY = 4;

export interface DealPostDependencies {
	/** The line is up, and its server takes deals. */
	isOpen: () => boolean;
	/** @returns false when the line is down; a true proves nothing */
	send: (frame: Outgoing) => boolean;
	clock: Clock;
}

export class DealPost {
	readonly #deps: DealPostDependencies;
	readonly #slots = new Slots(MOST_UNDER_WAY);
	readonly #awaited = new Map<number, { accountId: string; epoch: number; stored: () => void }>();
	#batches = 0;

	constructor(deps: DealPostDependencies) {
		this.#deps = deps;
	}

	get isOpen(): boolean {
		return this.#deps.isOpen();
	}

	/**
	 * Sends them once. @returns whether they are stored; else it is not known, and they are to be sent again
	 * @throws the signal's reason
	 */
	async deliver(
		owner: { accountId: string; epoch: number },
		parts: DealParts,
		{ timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal }
	): Promise<boolean> {
		const release = await this.#slots.acquire(signal);
		const batch = ++this.#batches;
		const over = new AbortController();
		const end = (): void => over.abort();
		signal.addEventListener('abort', end, { once: true });
		let isStored = false;
		try {
			const stored = (): void => {
				isStored = true;
				end();
			};
			this.#awaited.set(batch, { ...owner, stored });
			if (!this.isOpen || !this.#deps.send({ type: 'deals', ...owner, batch, ...parts })) return false;
			crashpoint('deals-sent');
			await this.#deps.clock.sleep(timeoutMs, over.signal).catch(() => {});
		} finally {
			this.#awaited.delete(batch);
			signal.removeEventListener('abort', end);
			release();
		}
		if (!isStored) signal.throwIfAborted();
		return isStored;
	}

	onStored({ accountId, epoch, batch }: WebFrames['deals_stored']): void {
		const awaited = this.#awaited.get(batch);
		if (awaited?.accountId !== accountId || awaited.epoch !== epoch) return;
		crashpoint('deals-acknowledged');
		awaited.stored();
	}
}
