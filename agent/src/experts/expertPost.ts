/**
 * Fetches what traders uploaded from the server, a part at a time (`expert_wanted`, `expert_part`), for the whole agent:
 * few at once, since they share the line with commands. What came counts only when the whole of it has the digest that
 * the server's signed word named. A part that does not come is asked for again; how long, its caller says.
 */
import { type WebFrames } from '#lib/protocol/frames.ts';
import { unlessAborted } from '../abort.ts';
import { type Clock } from '../clock.ts';
import { type Outgoing } from '../link/connection.ts';
import { Slots } from '../supervisor/slots.ts';
import { type Timings } from '../supervisor/timings.ts';
import { Waker } from '../waker.ts';
import { sha256OfBytes, type ExpertStore } from './expertStore.ts';

/** Below what the server reads at a time for one agent (expertParts.ts). */
const MOST_UNDER_WAY = 3;

/** Asking again does not help before somebody acts. The message is for the trader. */
export class ExpertRefused extends Error {}

export interface ExpertPostDependencies {
	store: ExpertStore;
	/** The line is up, and its server gives files. */
	isOpen: () => boolean;
	/** @returns false when the line is down; a true proves nothing */
	send: (frame: Outgoing) => boolean;
	clock: Clock;
	timings: Pick<Timings, 'filePartMs' | 'retryBaseMs'>;
}

export interface WantedFile {
	accountId: string;
	epoch: number;
	sha256: string;
	bytes: number;
}

type Part = WebFrames['expert_part'];

export class ExpertPost {
	readonly #deps: ExpertPostDependencies;
	readonly #slots = new Slots(MOST_UNDER_WAY);
	/** By digest; resolves when it ended, however. One at a time writes a file. */
	readonly #fetching = new Map<string, Promise<void>>();
	readonly #awaited = new Map<string, (part: Part) => void>();

	constructor(deps: ExpertPostDependencies) {
		this.#deps = deps;
	}

	/** From the store, else from the server. @throws ExpertRefused; the signal's reason */
	async obtain(file: WantedFile, signal: AbortSignal): Promise<Buffer> {
		const { sha256 } = file;
		for (;;) {
			const kept = await this.#deps.store.read(sha256);
			if (kept) return kept;
			const others = this.#fetching.get(sha256);
			if (!others) break;
			// Another account of this machine wants the same. When it gives up, the next one asks.
			await unlessAborted(others, signal);
		}
		const fetching = this.#fetch(file, signal);
		const ended = fetching
			.then(
				() => {},
				() => {}
			)
			.finally(() => this.#fetching.delete(sha256));
		this.#fetching.set(sha256, ended);
		return fetching;
	}

	onPart(part: Part): void {
		this.#awaited.get(keyOf(part))?.(part);
	}

	async #fetch(file: WantedFile, signal: AbortSignal): Promise<Buffer> {
		const release = await this.#slots.acquire(signal);
		try {
			return await this.#allParts(file, signal);
		} finally {
			release();
		}
	}

	async #allParts(file: WantedFile, signal: AbortSignal): Promise<Buffer> {
		const parts: Buffer[] = [];
		let bytes = 0;
		while (bytes < file.bytes) {
			const part = await this.#part(file, bytes, signal);
			if (part.length === 0) break;
			parts.push(part);
			bytes += part.length;
		}
		const content = Buffer.concat(parts);
		if (content.length !== file.bytes || sha256OfBytes(content) !== file.sha256)
			throw new ExpertRefused('what came is another file than the one that was uploaded');
		await this.#deps.store.keep(file.sha256, content);
		return content;
	}

	async #part(file: WantedFile, offset: number, signal: AbortSignal): Promise<Buffer> {
		const { clock, timings, isOpen, send } = this.#deps;
		const { accountId, epoch, sha256 } = file;
		const key = keyOf({ accountId, sha256, offset });
		const waker = new Waker<'part'>(clock);
		const came: Part[] = [];
		this.#awaited.set(key, (part) => {
			came.push(part);
			waker.wake('part');
		});
		try {
			for (;;) {
				const isAsked = isOpen() && send({ type: 'expert_wanted', accountId, epoch, sha256, offset });
				await waker.wait(isAsked ? timings.filePartMs : timings.retryBaseMs, signal);
				const [part] = came;
				if (part) return bytesOf(part);
			}
		} finally {
			this.#awaited.delete(key);
		}
	}
}

function bytesOf({ base64 }: Part): Buffer {
	if (base64 === null) throw new ExpertRefused('the server has no such file for this account any more');
	return Buffer.from(base64, 'base64');
}

const keyOf = ({ accountId, sha256, offset }: Pick<Part, 'accountId' | 'sha256' | 'offset'>): string =>
	`${accountId} ${sha256} ${offset}`;
