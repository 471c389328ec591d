/**
 * The terminal's journal, `logs/YYYYMMDD.log`, and the log of MQL programs, `MQL5/Logs/YYYYMMDD.log`:
 * UTF-16LE with byte order mark, CRLF, tab separated, local time; the date only in the file's name.
 */
import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { encodeUtf16 } from '../src/terminal/utf16.ts';

export type JournalLevel = 0 | 1 | 2;

const two = (value: number): string => value.toString().padStart(2, '0');

/** Name of the log of a day, in local time as the terminal does it. */
export function logFileName(date: Date): string {
	return `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}.log`;
}

export class Journal {
	readonly #folders: { terminal: string; programs: string };
	readonly #now: () => number;
	#count = 0;

	constructor(instanceDir: string, now: () => number) {
		this.#folders = { terminal: join(instanceDir, 'logs'), programs: join(instanceDir, 'MQL5', 'Logs') };
		this.#now = now;
		for (const folder of Object.values(this.#folders)) mkdirSync(folder, { recursive: true });
	}

	/** A line of the terminal: source is e.g. Network, Experts, Trades, Terminal. */
	terminal(source: string, message: string, level: JournalLevel = 0): void {
		this.#write(this.#folders.terminal, source, message, level);
	}

	/** A line that an MQL program printed; source is `<name> (<symbol>,<timeframe>)`. */
	program(source: string, message: string): void {
		this.#write(this.#folders.programs, source, message, 0);
	}

	#write(folder: string, source: string, message: string, level: JournalLevel): void {
		const date = new Date(this.#now());
		const path = join(folder, logFileName(date));
		const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
		// The real terminal begins a line with two letters of a checksum; nothing depends on them.
		this.#count = (this.#count + 7) % 676;
		const mark = String.fromCharCode(65 + Math.floor(this.#count / 26), 65 + (this.#count % 26));
		const stamp = `${time}.${date.getMilliseconds().toString().padStart(3, '0')}`;
		const line = `${mark}\t${level}\t${stamp}\t${source}\t${message}\r\n`;
		appendFileSync(path, existsSync(path) ? Buffer.from(line, 'utf16le') : encodeUtf16(line));
	}
}
