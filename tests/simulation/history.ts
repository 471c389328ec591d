/** Everything worth knowing that happened in a world, in order: for the checker, for a reader, and as one hash. */
import { createHash } from 'node:crypto';

export class History {
	readonly lines: string[] = [];
	readonly #hash = createHash('sha256');
	readonly #nowMs: () => number;
	readonly #keepsLines: boolean;

	constructor(nowMs: () => number, keepsLines: boolean) {
		this.#nowMs = nowMs;
		this.#keepsLines = keepsLines;
	}

	note(text: string): void {
		const line = `${(this.#nowMs() / 1000).toFixed(3).padStart(9)}  ${text}`;
		this.#hash.update(line).update('\n');
		if (this.#keepsLines) this.lines.push(line);
	}

	/** For a reader alone: no part of the hash. */
	remark(text: string): void {
		if (this.#keepsLines) this.lines.push(`${' '.repeat(13)}${text}`);
	}

	/** Of all lines so far; call once. */
	digest(): string {
		return this.#hash.digest('hex').slice(0, 16);
	}
}
