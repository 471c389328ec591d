/**
 * One account's deals on their way to the server. Owns one loop. It reads when the bridge shows that something was
 * traded, when the line opens, and now and then anyway; a page is read, told and stored before the next one, and only then noted in the
 * journal. It never asks the bridge while a command is at work on it, and takes its question back when one comes.
 * What goes wrong here is logged and tried again later; nothing else hears of it.
 */
import { MOST_OFFSET_MIN } from '#lib/protocol/deals.ts';
import { childOf } from '../abort.ts';
import { type BridgeStatus } from '../bridge/contract.ts';
import {
	DAY_OVERLAP_MS,
	NO_DEALS_SEEN,
	readNewDeals,
	type DealCursor,
	type NewDeals
} from '../bridge/deals.ts';
import { BridgeRefusal } from '../bridge/errors.ts';
import { type Clock } from '../clock.ts';
import { crashpoint } from '../crashpoint.ts';
import { type Journal } from '../link/journal.ts';
import { type Logger } from '../logger.ts';
import { type PoolAccount } from '../supervisor/account.ts';
import { type Instance } from '../supervisor/instance.ts';
import { type Timings } from '../supervisor/timings.ts';
import { type BridgeChannel } from '../terminal/ports.ts';
import { Waker } from '../waker.ts';
import { isMemoryOf, readMemory, remember, type DealMemory } from './dealMemory.ts';
import { type DealPost } from './dealPost.ts';
import { sentDeals } from './sentDeals.ts';

export interface DealFeedDependencies {
	instance: Pick<Instance, 'channel' | 'fresh' | 'process'>;
	/** The status is of this account's login. */
	isRight: (status: BridgeStatus) => boolean;
	account: () => PoolAccount;
	/** A command waits or is at work. */
	isBusy: () => boolean;
	journal: Pick<Journal, 'dealsNoted' | 'noteDeals'>;
	post: DealPost;
	clock: Clock;
	/** Uniform in [0, 1). */
	random: () => number;
	logger: Logger;
	timings: Pick<Timings, 'dealsMs' | 'dealsSoonMs' | 'requestMs'>;
}

/** More than the hour by which the broker's clock goes back in autumn. */
const OVERLAP_MS = 2 * 3_600_000;
/** So often the last day is looked through for what the broker added to it. */
const DEEP_MS = 3_600_000;
/** After a login the terminal loads its history: it is counted at once, and again after these… */
const COUNTS_MS = [60_000, 600_000];
/** …and then once a day. */
const COUNT_MS = 86_400_000;
/** Pauses after what failed are doubled each time up to this. */
const LONGEST_PAUSE_MS = 600_000;
/** A bridge that does not know the verb will not learn it soon. */
const UNABLE_MS = 3_600_000;
const BUSY_POLL_MS = 250;

/** A command came: it goes first. */
class Interrupted extends Error {}
/** The terminal shows another login, or the account became another one. */
class NotOurs extends Error {}

export class DealFeed {
	readonly #deps: DealFeedDependencies;
	readonly #waker: Waker<'changed' | 'line_opened'>;
	#memory: DealMemory | null = null;
	/** What was traded, as the status showed it when the last reading began. */
	#signs = '';
	#lastMs: number;
	#changedAtMs: number | null = null;
	#notBeforeMs = 0;
	/** It was due, and there was no line. */
	#isLineMissed = false;
	#failures = 0;
	#deepAtMs = -Infinity;
	/** Of the terminal whose history is being counted: its process, and how often that was done. */
	#counted: { process: unknown; times: number; atMs: number } | null = null;
	#asking: AbortController | null = null;

	constructor(deps: DealFeedDependencies) {
		this.#deps = deps;
		this.#waker = new Waker(deps.clock);
		this.#lastMs = deps.clock.monotonicMs();
	}

	/** A command comes: what the bridge was asked is taken back if it has not read it. */
	interrupt(): void {
		this.#asking?.abort(new Interrupted());
	}

	/** Reads on until the signal. */
	async run(signal: AbortSignal): Promise<void> {
		const { instance, post, clock, timings } = this.#deps;
		const forget = instance.channel.onStatus((status) => this.#onStatus(status));
		const forgetLine = post.onOpened(() => this.#onLineOpened());
		try {
			for (;;) {
				const nowMs = clock.monotonicMs();
				const changedMs = this.#changedAtMs === null ? Infinity : this.#changedAtMs + timings.dealsSoonMs;
				const dueMs = Math.max(this.#notBeforeMs, Math.min(changedMs, this.#lastMs + timings.dealsMs));
				if (nowMs < dueMs) await this.#waker.wait(dueMs - nowMs, signal);
				else await this.#attempt(signal);
			}
		} finally {
			forget();
			forgetLine();
		}
	}

	#onStatus(status: BridgeStatus): void {
		if (this.#changedAtMs !== null || signsOf(status) === this.#signs) return;
		this.#changedAtMs = this.#deps.clock.monotonicMs();
		this.#waker.wake('changed');
	}

	/** What was traded without a line goes now; the accounts without news do not all ask their terminals at once. */
	#onLineOpened(): void {
		if (!this.#isLineMissed) return;
		this.#isLineMissed = false;
		const { random, timings } = this.#deps;
		this.#pause(this.#changedAtMs === null ? (random() * timings.dealsMs) / 6 : 0);
		this.#waker.wake('line_opened');
	}

	async #attempt(signal: AbortSignal): Promise<void> {
		const { clock, timings, logger, post, isBusy } = this.#deps;
		this.#isLineMissed = !post.isOpen;
		if (!post.isOpen || !this.#isRightNow()) return this.#pause(timings.dealsMs / 6);
		if (isBusy()) return this.#pause(timings.dealsSoonMs);
		try {
			await this.#read(signal);
			this.#failures = 0;
		} catch (error) {
			signal.throwIfAborted();
			this.#changedAtMs ??= clock.monotonicMs();
			if (error instanceof Interrupted || error instanceof NotOurs) return this.#pause(timings.dealsSoonMs);
			const isUnable = error instanceof BridgeRefusal && error.code === 'bad_request';
			const doubledMs = Math.min(LONGEST_PAUSE_MS, timings.dealsMs * 2 ** this.#failures);
			const pauseMs = isUnable ? UNABLE_MS : doubledMs;
			this.#failures = Math.min(10, this.#failures + 1);
			const { accountId } = this.#deps.account();
			logger.warn({ err: error, accountId, pauseMs }, 'deals could not be read; they are later');
			this.#pause(pauseMs);
		} finally {
			this.#lastMs = clock.monotonicMs();
		}
	}

	#pause(ms: number): void {
		this.#notBeforeMs = this.#deps.clock.monotonicMs() + ms;
	}

	#isRightNow(): boolean {
		const { fresh } = this.#deps.instance;
		return fresh !== null && fresh.isConnected && this.#deps.isRight(fresh);
	}

	async #read(signal: AbortSignal): Promise<void> {
		const { instance, clock } = this.#deps;
		const startMs = clock.monotonicMs();
		if (instance.fresh) this.#signs = signsOf(instance.fresh);
		this.#changedAtMs = null;
		const isDeep = startMs - this.#deepAtMs >= DEEP_MS;
		await this.#readFrom(isDeep ? DAY_OVERLAP_MS : OVERLAP_MS, signal);
		if (isDeep) this.#deepAtMs = startMs;
		if (this.#isCountDue(startMs)) await this.#count(startMs, signal);
	}

	#isCountDue(nowMs: number): boolean {
		const counted = this.#counted;
		if (counted === null || counted.process !== this.#deps.instance.process) return true;
		return nowMs - counted.atMs >= (COUNTS_MS[counted.times - 1] ?? COUNT_MS);
	}

	/** Counts the whole history: when it has more than is known, something was added to the past, and all is read anew. */
	async #count(startMs: number, signal: AbortSignal): Promise<void> {
		const { process } = this.#deps.instance;
		const pages = this.#pages(NO_DEALS_SEEN, signal);
		const { value: first } = await pages.next();
		await pages.return();
		if (!first) return;
		const { historyDeals } = first;
		if (historyDeals > this.#remembered().known) await this.#readFrom(Infinity, signal);
		const memory = this.#remembered();
		if (memory.known !== historyDeals) this.#keep({ ...memory, known: historyDeals });
		const times = this.#counted?.process === process ? this.#counted.times + 1 : 1;
		this.#counted = { process, times, atMs: startMs };
	}

	async #readFrom(overlapMs: number, signal: AbortSignal): Promise<void> {
		for await (const page of this.#pages(this.#remembered(), signal, overlapMs)) {
			const before = this.#remembered();
			const memory = remember(before, page);
			await this.#tell(page, memory, signal);
			const isNews = page.deals.length + page.operations.length > 0;
			if (isNews || memory.offsets.length !== before.offsets.length) this.#keep(memory);
			else this.#memory = memory;
		}
	}

	/** Pages of this account's history, none of another's; the bridge is asked while no command is at work on it. */
	async *#pages(
		cursor: DealCursor,
		signal: AbortSignal,
		overlapMs?: number
	): AsyncGenerator<NewDeals, void, undefined> {
		const { instance, isBusy, clock, timings, account } = this.#deps;
		const { epoch, accountNumber, serverName } = account();
		const request: BridgeChannel['request'] = async (verb, args, limit) => {
			while (isBusy()) await clock.sleep(BUSY_POLL_MS, signal);
			const { controller, release } = childOf(signal);
			this.#asking = controller;
			try {
				return await instance.channel.request(verb, args, { ...limit, signal: controller.signal });
			} finally {
				this.#asking = null;
				release();
			}
		};
		const options = { timeoutMs: timings.requestMs, ...(overlapMs === undefined ? {} : { overlapMs }) };
		for await (const page of readNewDeals({ request }, cursor, options)) {
			const now = account();
			const isSame =
				now.epoch === epoch && now.accountNumber === accountNumber && now.serverName === serverName;
			// The status of the answer's moment came with it.
			if (!isSame || !this.#isRightNow()) throw new NotOurs();
			// With it no deal would have a moment that the server takes; this machine's clock is wrong by hours.
			if (Math.abs(page.gmtOffsetMin) > MOST_OFFSET_MIN)
				throw new Error(`the broker's clock cannot be ${page.gmtOffsetMin} minutes ahead of UTC`);
			yield page;
		}
	}

	/** Returns when all of the page is stored. */
	async #tell(page: NewDeals, memory: DealMemory, signal: AbortSignal): Promise<void> {
		const { account, post, logger } = this.#deps;
		const { accountId } = account();
		const { epoch } = memory;
		const parts = sentDeals(page, memory.offsets, (ticket, why) =>
			logger.error({ accountId, ticket, why }, 'a deal cannot be told; it is left out')
		);
		const isStillTheirs = (): boolean => isMemoryOf(memory, account());
		for (const part of parts)
			if (!(await post.deliver({ accountId, epoch }, part, { isStillTheirs, signal }))) throw new NotOurs();
	}

	/** As far as the history of the present account is known. */
	#remembered(): DealMemory {
		const { journal, account } = this.#deps;
		const present = account();
		if (!this.#memory || !isMemoryOf(this.#memory, present))
			this.#memory = readMemory(journal.dealsNoted(present.accountId), present);
		return this.#memory;
	}

	#keep(memory: DealMemory): void {
		const { journal, logger, account } = this.#deps;
		const { accountId } = account();
		this.#memory = memory;
		try {
			journal.noteDeals(accountId, JSON.stringify(memory));
			crashpoint('deals-noted');
		} catch (error) {
			// The next agent tells these once more.
			logger.error({ err: error, accountId }, 'how far deals were read could not be journalled');
		}
	}
}

/** What changes with every deal. */
const signsOf = ({ balance, openPositions, openLots, dayClosedProfit }: BridgeStatus): string =>
	`${balance} ${openPositions} ${openLots} ${dayClosedProfit}`;
