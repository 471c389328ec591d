/**
 * Virtual time. Things happen one after the other, in the order of their moments; between two of them every
 * promise that can go on does so, to its end. Nothing here waits for real time.
 */
import { type TimerClock } from '#lib/domain/clock.ts';

interface Happening {
	atMs: number;
	order: number;
	run: () => void;
	/** Null: not bound to a process. */
	process: SimProcess | null;
	isTakenBack: boolean;
}

const SHORTEST_MS = 0.01;
/** More than any world needs: one that goes beyond goes round in circles. */
const MOST_HAPPENINGS = 200_000;

export class Timeline {
	nowMs = 0;
	#happened = 0;
	#order = 0;
	readonly #heap: Happening[] = [];

	/** @returns takes it back */
	after(ms: number, run: () => void, process: SimProcess | null = null): () => void {
		const happening = {
			// Whoever waits a moment finds that time has passed, as on every real clock.
			atMs: ms > 0 ? this.nowMs + Math.max(ms, SHORTEST_MS) : this.nowMs,
			order: this.#order++,
			run,
			process,
			isTakenBack: false
		};
		this.#push(happening);
		return () => {
			happening.isTakenBack = true;
		};
	}

	get happened(): number {
		return this.#happened;
	}

	async runUntil(endMs: number): Promise<void> {
		while (await turns(TURNS, () => this.#step(endMs)));
		this.nowMs = endMs;
	}

	/** The next happening up to then. @returns false when there is none */
	#step(endMs: number): boolean {
		for (let next = this.#heap[0]; next && next.atMs <= endMs; next = this.#heap[0]) {
			this.#pop();
			const { process } = next;
			if (next.isTakenBack || process?.isDead) continue;
			this.nowMs = Math.max(this.nowMs, next.atMs);
			if (process && process.stalledUntilMs > this.nowMs) {
				// A process that is held up does it all when it goes on, in order.
				this.#push(Object.assign(next, { atMs: process.stalledUntilMs, order: this.#order++ }));
				continue;
			}
			if (++this.#happened > MOST_HAPPENINGS)
				throw new Error(`the world goes round in circles at ${this.nowMs} ms`);
			next.run();
			return true;
		}
		return false;
	}

	#push(happening: Happening): void {
		const heap = this.#heap;
		heap.push(happening);
		let i = heap.length - 1;
		while (i > 0) {
			const parent = (i - 1) >> 1;
			if (!isBefore(happening, heap[parent])) break;
			heap[i] = heap[parent] as Happening;
			i = parent;
		}
		heap[i] = happening;
	}

	#pop(): void {
		const heap = this.#heap;
		const last = heap.pop();
		if (!last || heap.length === 0) return;
		let i = 0;
		for (;;) {
			let child = 2 * i + 1;
			if (child >= heap.length) break;
			if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child += 1;
			if (!isBefore(heap[child], last)) break;
			heap[i] = heap[child] as Happening;
			i = child;
		}
		heap[i] = last;
	}
}

const isBefore = (a: Happening | undefined, b: Happening | undefined): boolean =>
	a !== undefined && b !== undefined && (a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order));

/** So many happenings at one go: it spares a round of the event loop for each of them. */
const TURNS = 64;

/**
 * Calls `step` up to so many times. Between two calls every promise that can go on does so, to its end: Node runs
 * all microtasks between two immediates. @returns false when `step` did, after what it left to be done
 */
function turns(most: number, step: () => boolean): Promise<boolean> {
	return new Promise((resolve, reject) => {
		let goesOn = true;
		const once = (): void => {
			if (!goesOn) return;
			try {
				goesOn = step();
			} catch (error) {
				goesOn = false;
				reject(error);
			}
			if (!goesOn) resolve(false);
		};
		for (let i = 0; i < most; i++) setImmediate(once);
		setImmediate(() => resolve(goesOn));
	});
}

/** A promise that a dead process waits for. */
export const never = <T>(): Promise<T> => new Promise<T>(() => {});

/**
 * One operating system process: what is under way in it ends with it, in the middle of whatever it was doing.
 * It has its own clocks.
 */
export class SimProcess {
	isDead = false;
	stalledUntilMs = 0;
	#stoodStillMs = 0;
	readonly timeline: Timeline;
	readonly clock: TimerClock;

	/** @param skewMs its wall clock against the true time, which may change under it */
	constructor(timeline: Timeline, skewMs: () => number) {
		this.timeline = timeline;
		const bornMs = timeline.nowMs;
		this.clock = {
			monotonicMs: () => timeline.nowMs - bornMs - this.#stoodStillMs + 1_000,
			wallMs: () => Math.round(EPOCH_MS + timeline.nowMs + skewMs()),
			after: (ms, callback) => this.after(ms, callback),
			soon: (callback) => void this.after(0, callback),
			sleep: (ms, signal) => this.#sleep(ms, signal)
		};
	}

	/**
	 * Held up: whatever it waits for happens when it goes on.
	 * @param isClockStopped its monotonic clock stands still with it, as that of some machines that sleep
	 */
	holdUp(ms: number, isClockStopped = false): void {
		const { nowMs } = this.timeline;
		if (nowMs < this.stalledUntilMs) return;
		this.stalledUntilMs = nowMs + ms;
		if (isClockStopped) this.#stoodStillMs += ms;
	}

	after(ms: number, callback: () => void): () => void {
		if (this.isDead) return () => {};
		return this.timeline.after(ms, callback, this);
	}

	/** Waits as this process; never ends when the process does. */
	delay(ms: number): Promise<void> {
		return new Promise((resolve) => void this.after(ms, resolve));
	}

	async #sleep(ms: number, signal: AbortSignal): Promise<void> {
		signal.throwIfAborted();
		const { promise, resolve, reject } = Promise.withResolvers<void>();
		const onAbort = (): void => reject(signal.reason);
		const forget = this.after(ms, resolve);
		signal.addEventListener('abort', onAbort, { once: true });
		try {
			await promise;
		} finally {
			forget();
			signal.removeEventListener('abort', onAbort);
		}
	}
}

/** The true wall clock time at the beginning of every world: 2026-01-05 09:00 UTC, a Monday. */
export const EPOCH_MS = Date.UTC(2026, 0, 5, 9);
