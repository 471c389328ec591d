/**
 * Takes in the deals that agents send and stores them, one transaction at a time. What it cannot take just now, or
 * could not store, is forgotten: the agent tells everything again that was not acknowledged.
 */
import type { TimerClock } from '#lib/domain/clock.ts';
import { crashpoint } from '../crashpoint.ts';
import type { Logger } from '../logger.ts';
import type { DealBatch } from './dealBatch.ts';

/** Batches of one agent that wait at most; a well-behaved one has fewer under way. */
const MOST_WAITING_PER_AGENT = 8;
const MOST_WAITING = 1_000;
/** Deals of one transaction: the days of an account are counted once for all of them. */
const MOST_DEALS = 1_000;

interface Waiting {
	batch: DealBatch;
	onStored: () => void;
}

export class DealWriter {
	readonly #store: (batches: readonly DealBatch[]) => Promise<Set<DealBatch>>;
	readonly #clock: Pick<TimerClock, 'soon'>;
	readonly #logger: Logger;
	#waiting: Waiting[] = [];
	readonly #waitingOf = new Map<string, number>();
	#isWriting = false;

	/** @param deps.store in one transaction; answers which batches are their agent's, and stored */
	constructor(deps: {
		store: (batches: readonly DealBatch[]) => Promise<Set<DealBatch>>;
		clock: Pick<TimerClock, 'soon'>;
		logger: Logger;
	}) {
		this.#store = deps.store;
		this.#clock = deps.clock;
		this.#logger = deps.logger;
	}

	/** @param onStored called once the batch is committed; never, when it could not be */
	add(batch: DealBatch, onStored: () => void): void {
		const { agentId } = batch.owner;
		const ofAgent = this.#waitingOf.get(agentId) ?? 0;
		if (ofAgent >= MOST_WAITING_PER_AGENT || this.#waiting.length >= MOST_WAITING) return;
		this.#waitingOf.set(agentId, ofAgent + 1);
		this.#waiting.push({ batch, onStored });
		if (this.#isWriting) return;
		this.#isWriting = true;
		this.#clock.soon(() => void this.#write());
	}

	async #write(): Promise<void> {
		while (this.#waiting.length > 0) {
			const round = this.#take();
			if (await this.#tryToStore(round)) continue;
			// One batch that cannot be stored does not keep the others out.
			if (round.length > 1) for (const each of round) await this.#tryToStore([each]);
		}
		this.#isWriting = false;
	}

	#take(): Waiting[] {
		let deals = 0;
		let count = 0;
		for (const { batch } of this.#waiting) {
			deals += batch.rows.length;
			if (count > 0 && deals > MOST_DEALS) break;
			count += 1;
		}
		const round = this.#waiting.splice(0, count);
		for (const { batch } of round) {
			const left = (this.#waitingOf.get(batch.owner.agentId) ?? 1) - 1;
			if (left > 0) this.#waitingOf.set(batch.owner.agentId, left);
			else this.#waitingOf.delete(batch.owner.agentId);
		}
		return round;
	}

	async #tryToStore(round: readonly Waiting[]): Promise<boolean> {
		try {
			const stored = await this.#store(round.map(({ batch }) => batch));
			crashpoint('deals-committed');
			for (const { batch, onStored } of round) {
				if (stored.has(batch)) onStored();
				else this.#logger.warn(batch.owner, 'deals of an account that is not the agent’s were not stored');
			}
			return true;
		} catch (error) {
			const owners = round.map(({ batch }) => batch.owner);
			this.#logger.error({ err: error, owners: owners.slice(0, 10) }, 'deals could not be stored');
			return false;
		}
	}
}
