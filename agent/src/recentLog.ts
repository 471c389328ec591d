/**
 * The newest lines of the agent's own log, for the operator who asks from afar. They passed the log's redaction;
 * secrets are objects that show nothing. Bounded in lines and in bytes, so that an answer fits into a frame.
 */
const MOST_LINES = 500;
const MOST_CHARS = 500;
/** Well inside MAX_FRAME_BYTES, also after the quotes of JSON are escaped. */
const MOST_ANSWER_BYTES = 40 * 1024;

export class RecentLog {
	readonly #lines: string[] = [];

	/** A destination for the logger that keeps the line and hands it on. */
	tee(next: { write: (line: string) => void }): { write: (line: string) => void } {
		return {
			write: (line) => {
				this.#keep(line);
				next.write(line);
			}
		};
	}

	/** The newest lines, oldest first. @returns fewer than asked for when they would be too large together */
	newest(count: number): { lines: string[]; isCut: boolean } {
		const lines: string[] = [];
		let bytes = 0;
		for (const line of this.#lines.slice(-count).reverse()) {
			bytes += Buffer.byteLength(JSON.stringify(line)) + 1;
			if (bytes > MOST_ANSWER_BYTES) return { lines: lines.reverse(), isCut: true };
			lines.push(line);
		}
		return { lines: lines.reverse(), isCut: false };
	}

	#keep(line: string): void {
		this.#lines.push(line.trimEnd().slice(0, MOST_CHARS));
		if (this.#lines.length > MOST_LINES) this.#lines.shift();
	}
}
