/**
 * The bridge channel over files (contract.ts names them). Owns one timer until closed, and the folder's `req`
 * files; it reads `status.msg` and takes `res` files away. One channel per instance at a time.
 *
 * Looking is synchronous: two calls on a local disk, some microseconds, where the asynchronous ones would
 * cost a thread pool round trip twenty times a second for every terminal.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BridgeChannel } from '../terminal/ports.ts';
import { replaceFile } from '../terminal/replaceFile.ts';
import {
	BRIDGE_FOLDER,
	bridgeRequests,
	bridgeStatusSchema,
	responseEnvelopeSchema,
	type BridgeAnswer,
	type BridgeRequest,
	type BridgeStatus,
	type BridgeVerb
} from './contract.ts';
import { BridgeRefusal, BridgeTimeout } from './errors.ts';
import { decodeMessage, encodeMessage } from './message.ts';

export interface FileChannelOptions {
	pollMs?: number;
	/** Monotonic clock in ms, the one of `newest.readAtMs`. */
	monotonicMs?: () => number;
	/** Wall clock in ms, compared with the times of files. */
	wallMs?: () => number;
	/** Told about every file that was no news: broken, or not what the contract says. */
	onProblem?: (problem: string) => void;
}

const DEFAULT_POLL_MS = 50;
/** While nobody waits, it looks at every so many polls. */
const POLLS_PER_IDLE_LOOK = 4;
/** And takes away answers that came too late at every so many. */
const POLLS_PER_SWEEP = 100;

interface Pending {
	verb: BridgeVerb;
	settle(body: unknown): void;
	fail(error: Error): void;
}

class FileChannel implements BridgeChannel {
	newest: { status: BridgeStatus; readAtMs: number } | null = null;
	answeredSeq = 0;
	readonly #folder: string;
	readonly #statusPath: string;
	readonly #monotonicMs: () => number;
	readonly #wallMs: () => number;
	readonly #onProblem: (problem: string) => void;
	readonly #callbacks = new Set<(status: BridgeStatus) => void>();
	readonly #pending = new Map<string, Pending>();
	readonly #timer: NodeJS.Timeout;
	#polls = 0;
	/** Who waits for a status. */
	#hurried = 0;
	/** Of the status file that was read last; an unchanged file is not read again. */
	#stamp = '';
	#isClosed = false;
	/** Resets under way: meanwhile nothing is read. */
	#resets = 0;

	constructor(instanceDir: string, options: FileChannelOptions) {
		this.#folder = join(instanceDir, ...BRIDGE_FOLDER);
		this.#statusPath = join(this.#folder, 'status.msg');
		this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
		this.#wallMs = options.wallMs ?? Date.now;
		this.#onProblem = options.onProblem ?? (() => {});
		for (const name of ['req', 'res']) mkdirSync(join(this.#folder, name), { recursive: true });
		this.#withdrawForeign();
		this.#timer = setInterval(() => this.#poll(), options.pollMs ?? DEFAULT_POLL_MS);
	}

	hurry(): () => void {
		this.#hurried += 1;
		let isOver = false;
		return () => {
			if (!isOver) this.#hurried -= 1;
			isOver = true;
		};
	}

	onStatus(callback: (status: BridgeStatus) => void): () => void {
		this.#callbacks.add(callback);
		return () => this.#callbacks.delete(callback);
	}

	async request<V extends BridgeVerb>(
		verb: V,
		args: BridgeRequest<V>,
		{ timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal }
	): Promise<BridgeAnswer<V>> {
		signal?.throwIfAborted();
		if (this.#isClosed) throw new BridgeTimeout(verb, 'the channel is closed');
		const id = randomUUID();
		const path = join(this.#folder, 'req', `${id}.msg`);
		const message = encodeMessage(id, {
			id,
			verb,
			args: bridgeRequests[verb].request.parse(args),
			notAfterMs: Math.round(this.#wallMs() + timeoutMs)
		});
		const { promise, resolve, reject } = Promise.withResolvers<unknown>();
		this.#pending.set(id, { verb, settle: resolve, fail: reject });
		const timer = setTimeout(() => reject(new BridgeTimeout(verb, `none within ${timeoutMs} ms`)), timeoutMs);
		const onAbort = (): void => reject(signal?.reason);
		signal?.addEventListener('abort', onAbort, { once: true });
		// Handled below; said here so that a failing write does not leave it unhandled.
		promise.catch(() => {});
		const written = replaceFile(path, message).catch(() => {
			reject(new BridgeRefusal(verb, 'not_sent', 'The request could not be written.'));
		});
		try {
			return bridgeRequests[verb].answer.parse(this.#answer(verb, await promise)) as BridgeAnswer<V>;
		} finally {
			clearTimeout(timer);
			signal?.removeEventListener('abort', onAbort);
			this.#pending.delete(id);
			// A request that nobody waits for any more must not be carried out later.
			void written
				.then(() => rm(path, { force: true }))
				.catch(() => this.#onProblem(`request ${id} could not be withdrawn`));
		}
	}

	async reset(): Promise<void> {
		// A poll in the middle of this would read the ended terminal's last words once more.
		this.#resets += 1;
		try {
			this.newest = null;
			this.answeredSeq = 0;
			this.#stamp = '';
			for (const { verb, fail } of this.#pending.values())
				fail(new BridgeTimeout(verb, 'the terminal ended'));
			await rm(this.#statusPath, { force: true, maxRetries: 10, retryDelay: 20 });
			for (const name of ['req', 'res']) {
				await rm(join(this.#folder, name), { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
				await mkdir(join(this.#folder, name), { recursive: true });
			}
		} finally {
			this.#resets -= 1;
		}
	}

	close(): void {
		this.#isClosed = true;
		clearInterval(this.#timer);
		this.#callbacks.clear();
		for (const { verb, fail } of this.#pending.values())
			fail(new BridgeTimeout(verb, 'the channel is closed'));
	}

	/** What an agent asked that ended before the answer: nobody waits for it, so it must not be carried out later. */
	#withdrawForeign(): void {
		try {
			for (const name of readdirSync(join(this.#folder, 'req')))
				rmSync(join(this.#folder, 'req', name), { force: true });
		} catch (error) {
			this.#onProblem(`an earlier agent's requests could not be withdrawn: ${String(error)}`);
		}
	}

	#answer(verb: BridgeVerb, body: unknown): unknown {
		const response = responseEnvelopeSchema.safeParse(body);
		if (!response.success) throw new BridgeRefusal(verb, 'bad_answer', 'The bridge gave no proper answer.');
		// Where it is not said, only what comes after the answer is sure to show it.
		this.answeredSeq = response.data.statusSeq ?? (this.newest?.status.seq ?? 0) + 1;
		if (!response.data.ok) throw new BridgeRefusal(verb, response.data.code, response.data.message);
		const answer = bridgeRequests[verb].answer.safeParse(response.data.answer);
		if (!answer.success) throw new BridgeRefusal(verb, 'bad_answer', 'The bridge gave no proper answer.');
		return answer.data;
	}

	#poll(): void {
		if (this.#resets > 0) return;
		this.#polls += 1;
		const isAwaited = this.#pending.size > 0 || this.#hurried > 0;
		try {
			// Answers first: the status that belongs to one was written before it, and is then read with it.
			if (this.#pending.size > 0 || this.#polls % POLLS_PER_SWEEP === 0) this.#readResponses();
			if (isAwaited || this.#polls % POLLS_PER_IDLE_LOOK === 0) this.#readStatus();
		} catch (error) {
			// Held by the other side just now, or the folder is being made anew: the next poll looks again.
			this.#onProblem(
				`the bridge's folder cannot be read: ${error instanceof Error ? error.message : error}`
			);
		}
	}

	#readStatus(): void {
		const file = statSync(this.#statusPath, { throwIfNoEntry: false });
		if (!file) return;
		const stamp = `${file.mtimeMs} ${file.size} ${file.ino}`;
		if (stamp === this.#stamp) return;
		const message = decodeMessage(readFileSync(this.#statusPath));
		// Half written: no news, and read again at the next poll.
		if (!message) return;
		this.#stamp = stamp;
		const parsed = bridgeStatusSchema.safeParse(message.body);
		if (!parsed.success) return this.#onProblem(`status ${message.id}: ${parsed.error.issues[0]?.message}`);
		if (this.newest && parsed.data.seq <= this.newest.status.seq) return;
		// It may have lain there since before this channel was opened, or before the machine slept.
		const ageMs = Math.max(0, this.#wallMs() - file.mtimeMs);
		this.newest = { status: parsed.data, readAtMs: this.#monotonicMs() - ageMs };
		for (const callback of [...this.#callbacks]) callback(parsed.data);
	}

	#readResponses(): void {
		for (const name of readdirSync(join(this.#folder, 'res'))) {
			const id = /^(.+)\.msg$/.exec(name)?.[1];
			if (id === undefined) continue;
			const path = join(this.#folder, 'res', name);
			const pending = this.#pending.get(id);
			const message = pending && decodeMessage(readFileSync(path));
			if (pending && !message) continue;
			// Too late, or of an earlier agent: nobody waits for it.
			rmSync(path, { force: true });
			if (message?.id === id) pending?.settle(message.body);
		}
	}
}

export function openFileChannel(instanceDir: string, options: FileChannelOptions = {}): BridgeChannel {
	return new FileChannel(instanceDir, options);
}
