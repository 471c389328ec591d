/** Everything worth knowing that happened in a world, in order: for the checker, for a reader, and as one hash. */
import { createHash } from 'node:crypto';

export class History {
	readonly lines: string[] = [];
	readonly #noted: string[] = [];
	readonly #nowMs: () => number;
	readonly #keepsLines: boolean;

	constructor(nowMs: () => number, keepsLines: boolean) {
		this.#nowMs = nowMs;
		this.#keepsLines = keepsLines;
	}

	note(text: string): void {
		const line = `${(this.#nowMs() / 1000).toFixed(3).padStart(9)}  ${text}`;
		this.#noted.push(line);
		if (this.#keepsLines) this.lines.push(line);
	}

	/** For a reader alone: no part of the hash. */
	remark(text: string): void {
		if (this.#keepsLines) this.lines.push(`${' '.repeat(13)}${text}`);
	}

	/** Of all lines so far; call once. */
	digest(): string {
		return createHash('sha256')
			.update(this.#noted.map((line) => `${line}\n`).join(''))
			.digest('hex')
			.slice(0, 16);
	}
}
