/**
 * The bridge EA's stand-in: writes the status, reads the requests, over the files that contract.ts names.
 * It drops every request that lay there before it began: an order of yesterday must not be carried out.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BRIDGE_FOLDER } from '../src/bridge/folder.ts';
import { decodeMessage, encodeMessage } from '../src/bridge/message.ts';
import { replaceFileSync } from '../src/terminal/replaceFile.ts';
import { bridgeHandlers, Refusal } from './bridgeRequests.ts';
import { bridgeStatus } from './status.ts';
import { type Terminal } from './terminal.ts';

const REQUEST_POLL_MS = 50;
/** A file that is still not a whole message after this many looks is thrown away. */
const MOST_LOOKS = 40;

export class Bridge {
	readonly #terminal: Terminal;
	readonly #folder: string;
	readonly #looks = new Map<string, number>();
	#seq = 0;
	/** What the last status said of button, login and EA. */
	#told = '';
	#silentUntilMs = 0;

	constructor(terminal: Terminal, instanceDir: string) {
		this.#terminal = terminal;
		this.#folder = join(instanceDir, ...BRIDGE_FOLDER);
	}

	start(statusMs: number): void {
		for (const name of ['req', 'res', 'tpl']) mkdirSync(join(this.#folder, name), { recursive: true });
		for (const name of readdirSync(join(this.#folder, 'req')))
			rmSync(join(this.#folder, 'req', name), { force: true });
		this.#writeStatus();
		this.#terminal.rhythm.every(statusMs, () => this.#writeStatus());
		this.#terminal.rhythm.every(REQUEST_POLL_MS, () => {
			// Who pressed the button, or waits for the EA, sees it at once.
			if (this.#signs() !== this.#told) this.#writeStatus();
			this.#readRequests();
		});
	}

	/** Says and hears nothing for a while. */
	silence(ms: number): void {
		this.#silentUntilMs = this.#terminal.now() + ms;
	}

	get #isSilent(): boolean {
		return this.#terminal.hasDialog || this.#terminal.now() < this.#silentUntilMs;
	}

	#signs(): string {
		const { expert, isAlgoTradingOn, isConnected, login } = this.#terminal;
		const isReady = typeof expert?.readyAtMs === 'number';
		return `${isAlgoTradingOn} ${isConnected} ${login} ${expert?.inputs.generation} ${isReady}`;
	}

	#writeStatus(): void {
		if (this.#isSilent) return;
		this.#told = this.#signs();
		this.#seq += 1;
		const message = encodeMessage(`s${this.#seq}`, bridgeStatus(this.#terminal, this.#seq));
		replaceFileSync(join(this.#folder, 'status.msg'), message);
	}

	#readRequests(): void {
		if (this.#isSilent) return;
		const names = readdirSync(join(this.#folder, 'req')).filter((name) => name.endsWith('.msg'));
		for (const name of names) this.#readRequest(join(this.#folder, 'req', name));
	}

	#readRequest(path: string): void {
		const message = decodeMessage(readFileSync(path));
		if (!message) {
			const looks = (this.#looks.get(path) ?? 0) + 1;
			this.#looks.set(path, looks);
			if (looks < MOST_LOOKS) return;
		}
		this.#looks.delete(path);
		// Away before it is carried out: whatever happens then, it is not carried out twice.
		rmSync(path, { force: true });
		if (!message) return;
		const outcome = this.#carryOut(message.body);
		// The caller sees the effect with the answer, not a second later.
		this.#writeStatus();
		const response = { id: message.id, statusSeq: this.#seq, ...outcome };
		replaceFileSync(join(this.#folder, 'res', `${message.id}.msg`), encodeMessage(message.id, response));
	}

	#carryOut(body: unknown): { ok: true; answer: unknown } | { ok: false; code: string; message: string } {
		try {
			const { verb, args, notAfterMs } = (typeof body === 'object' && body !== null ? body : {}) as Record<
				string,
				unknown
			>;
			if (typeof notAfterMs === 'number' && this.#terminal.now() > notAfterMs)
				throw new Refusal('expired', 'nobody waits for this any more');
			const handler = Object.entries(bridgeHandlers).find(([name]) => name === verb)?.[1];
			if (!handler || typeof args !== 'object' || args === null)
				throw new Refusal('bad_request', 'the request is not known');
			return { ok: true, answer: handler(this.#terminal, args as Record<string, unknown>, this.#folder) };
		} catch (error) {
			if (error instanceof Refusal) return { ok: false, code: error.code, message: error.message };
			throw error;
		}
	}
}
