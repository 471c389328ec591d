/**
 * Follows the terminal's journal `logs/YYYYMMDD.log` and says what it tells of logins. Owns a timer until
 * closed. The file is UTF-16LE and its lines may be flushed late and in pieces, so only whole lines count;
 * at local midnight it goes on in the file of the new day.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

export type JournalEvent =
	| { kind: 'authorised'; login: string; server: string }
	/** The broker refused the login; any reason counts as wrong credentials, and is not tried again blindly. */
	| { kind: 'refused'; login: string; server: string; reason: string }
	/** Any other line. */
	| { kind: 'line'; level: number; source: string; message: string };

export interface JournalTail {
	/** Reads what is new now, instead of at the next poll. */
	poll(): void;
	close(): void;
}

/** Largest piece read in one poll; a journal that grows faster is caught up with in the next ones. */
const MOST_BYTES = 256 * 1024;
/** A line longer than this is not one that says anything to us. */
const MOST_CHARS = 64 * 1024;

/** One line of the journal; null when it does not have the journal's form. */
export function parseJournalLine(line: string): JournalEvent | null {
	const [, level, , source, ...rest] = line.split('\t');
	if (level === undefined || source === undefined || rest.length === 0) return null;
	const message = rest.join('\t');
	// Server names hold no round bracket, so the last one opens the reason.
	const refused = /^'(\d+)': authorization on (.+) failed \(([^()]*)\)/.exec(message);
	if (refused?.[1] !== undefined && refused[2] !== undefined && refused[3] !== undefined)
		return { kind: 'refused', login: refused[1], server: refused[2], reason: refused[3] };
	const authorised = /^'(\d+)': authorized on (.+?)(?: through .*)?$/.exec(message);
	if (authorised?.[1] !== undefined && authorised[2] !== undefined)
		return { kind: 'authorised', login: authorised[1], server: authorised[2] };
	return { kind: 'line', level: Number(level) || 0, source, message };
}

function fileOfDay(instanceDir: string, date: Date): string {
	const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
	return join(instanceDir, 'logs', `${day.map((part) => part.toString().padStart(2, '0')).join('')}.log`);
}

/**
 * @param options.onEvent called for every whole line written after the opening
 * @param options.wallClock date now; the journal's day is the local one
 */
export function openJournalTail(
	instanceDir: string,
	options: { onEvent: (event: JournalEvent) => void; pollMs?: number; wallClock?: () => Date }
): JournalTail {
	const { onEvent, pollMs = 100, wallClock = () => new Date() } = options;
	let path = fileOfDay(instanceDir, wallClock());
	let offset = evenSize(path);
	let rest = '';

	/** True when it read as much as it may at once, so that there may be more. */
	const readOn = (): boolean => {
		const size = evenSize(path);
		// Shorter than before: the file was made anew.
		if (size < offset) [offset, rest] = [0, ''];
		if (size === offset) return false;
		const piece = Buffer.alloc(Math.min(size - offset, MOST_BYTES));
		const file = openSync(path, 'r');
		const read = readSync(file, piece, 0, piece.length, offset) & ~1;
		closeSync(file);
		offset += read;
		const lines = (rest + piece.toString('utf16le', 0, read).replace('\ufeff', '')).split('\r\n');
		rest = (lines.pop() ?? '').slice(-MOST_CHARS);
		for (const line of lines) {
			const event = parseJournalLine(line);
			if (event) onEvent(event);
		}
		return read === MOST_BYTES;
	};

	const poll = (): void => {
		const today = fileOfDay(instanceDir, wallClock());
		if (readOn() || today === path) return;
		// Yesterday's file is read to its end; a line it still gets is lost, as it tells of yesterday.
		[path, offset, rest] = [today, 0, ''];
		readOn();
	};
	const timer = setInterval(poll, pollMs);
	return { poll, close: () => clearInterval(timer) };
}

/** Size of today's journal. */
export const journalBytes = (instanceDir: string): number => evenSize(fileOfDay(instanceDir, new Date()));

/** Size in bytes, without half a character at the end; 0 without file. */
function evenSize(path: string): number {
	return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) & ~1;
}
