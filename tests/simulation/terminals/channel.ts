/** The agent's end of a bridge's files: polled, and written to, by a process that may end at any moment. */
import { type BridgeStatus, type BridgeVerb } from '../../../agent/src/bridge/contract.ts';
import { BridgeTimeout } from '../../../agent/src/bridge/errors.ts';
import { type BridgeChannel } from '../../../agent/src/terminal/ports.ts';
import { type SimProcess } from '../timeline.ts';
import { type SimBridge } from './bridge.ts';

/** Files are looked at so often. */
export const POLL_MS = 30;

/** The agent's end of a bridge channel; ends with the agent's process. */
export class SimChannel implements BridgeChannel {
	newest: { status: BridgeStatus; readAtMs: number } | null = null;
	answeredSeq = 0;
	readonly #bridge: SimBridge;
	readonly #process: SimProcess;
	readonly #callbacks = new Set<(status: BridgeStatus) => void>();
	readonly #pending = new Set<(error: Error) => void>();
	readonly #mayCrash: (point: string) => void;
	#isClosed = false;

	constructor(bridge: SimBridge, process: SimProcess, mayCrash: (point: string) => void) {
		this.#bridge = bridge;
		this.#process = process;
		this.#mayCrash = mayCrash;
		bridge.channels.add(this);
		bridge.forgetRequests();
		this.poll();
	}

	/** There may be a new status to read. */
	poll(): void {
		if (this.#process.isDead) this.#bridge.channels.delete(this);
		this.#process.after(POLL_MS, () => this.#read());
	}

	/** It looks at everything that comes. */
	hurry(): () => void {
		return () => undefined;
	}

	onStatus(callback: (status: BridgeStatus) => void): () => void {
		this.#callbacks.add(callback);
		return () => this.#callbacks.delete(callback);
	}

	async request(
		verb: BridgeVerb,
		args: unknown,
		{ timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal }
	): Promise<never> {
		signal?.throwIfAborted();
		if (this.#isClosed) throw new BridgeTimeout(verb, 'the channel is closed');
		if (verb === 'load_ea') {
			this.#mayCrash('before load');
			this.#process.after(2 * POLL_MS, () => this.#mayCrash('after load'));
		}
		const { promise, resolve, reject } = Promise.withResolvers<unknown>();
		promise.catch(() => {});
		let isWithdrawn = false;
		const forgetLimit = this.#process.after(timeoutMs, () => reject(new BridgeTimeout(verb, 'no answer')));
		const notAfterMs = this.#process.timeline.nowMs + timeoutMs;
		const forgetWrite = this.#process.after(POLL_MS, () => {
			if (isWithdrawn) return;
			this.#bridge.receive({
				verb,
				args,
				notAfterMs,
				isWithdrawn: () => isWithdrawn,
				answer: (statusSeq, settle) =>
					void this.#process.after(POLL_MS, () => {
						this.answeredSeq = statusSeq;
						try {
							resolve(settle());
						} catch (error) {
							reject(error);
						}
					})
			});
		});
		const onAbort = (): void => reject(signal?.reason);
		signal?.addEventListener('abort', onAbort, { once: true });
		this.#pending.add(reject);
		try {
			return (await promise) as never;
		} finally {
			isWithdrawn = true;
			forgetLimit();
			forgetWrite();
			this.#pending.delete(reject);
			signal?.removeEventListener('abort', onAbort);
		}
	}

	async reset(): Promise<void> {
		this.newest = null;
		this.answeredSeq = 0;
		this.#bridge.forgetFiles();
		for (const fail of [...this.#pending]) fail(new BridgeTimeout('load_ea', 'the terminal ended'));
	}

	close(): void {
		this.#isClosed = true;
		this.#bridge.channels.delete(this);
		this.#callbacks.clear();
	}

	#read(): void {
		const file = this.#bridge.status;
		if (!file || this.#isClosed) return;
		if (this.newest && file.status.seq <= this.newest.status.seq) return;
		const ageMs = this.#process.timeline.nowMs - file.atMs;
		this.newest = { status: file.status, readAtMs: this.#process.clock.monotonicMs() - ageMs };
		for (const callback of [...this.#callbacks]) callback(file.status);
	}
}
