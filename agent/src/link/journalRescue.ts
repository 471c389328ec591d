/**
 * Opens the journal, and never lets a damaged one keep the agent from running: Stop must work. What cannot be
 * read is put aside and a new one is begun, which knows that it does not know what came before.
 */
import { existsSync, readdirSync, renameSync, statSync } from 'node:fs';
import { type Logger } from '../logger.ts';
import { Journal } from './journal.ts';
import { openJournalFile, type JournalDatabase } from './journalSchema.ts';

/** SQLite's codes for a file that cannot be used just now, which says nothing about what is in it. */
const PASSING = new Set([
	/* busy */ 5, /* locked */ 6, /* read-only */ 8, /* I/O */ 10, /* full */ 13, /* cannot open */ 14
]);

export interface RescueOptions {
	wallMs: () => number;
	logger: Logger;
	/** Terminals of an earlier agent lie here: a journal that is missing then was lost. */
	instancesDir: string;
}

/** @throws when the file cannot be opened or written for a reason that may pass */
export function openOrRebuildJournal(path: string, options: RescueOptions): Journal {
	const { wallMs, logger } = options;
	const isLost = isMissing(path) && hasEntries(options.instancesDir);
	if (!isLost) {
		let db: JournalDatabase | null = null;
		try {
			const isNew = isMissing(path);
			db = openJournalFile(path);
			// What SQLite takes for an empty file, though there is something in it, was cut off.
			if (!isNew && !hasTables(db)) throw new Error('the journal holds no tables');
			const journal = new Journal(db, wallMs);
			journal.verify();
			return journal;
		} catch (error) {
			const connSeq = db && readConnSeq(db);
			closeQuietly(db);
			if (isPassing(error)) throw error;
			const kept = putAside(path, wallMs());
			logger.error(
				{ err: error, kept },
				'the journal is damaged; a new one is begun, and what the old one knew counts as unknown'
			);
			return rebuilt(path, wallMs, connSeq);
		}
	}
	logger.error(
		{ path },
		'the journal is gone; a new one is begun, and what was done before counts as unknown'
	);
	if (existsSync(path)) putAside(path, wallMs());
	return rebuilt(path, wallMs, null);
}

function rebuilt(path: string, wallMs: () => number, connSeq: number | null): Journal {
	const journal = new Journal(path, wallMs);
	journal.markRebuilt();
	// Without it the server takes this agent for a copy of itself, and an operator must let it in again.
	if (connSeq !== null) journal.connSeqSeen = connSeq;
	return journal;
}

const hasTables = (db: JournalDatabase): boolean =>
	db.prepare(`SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table'`).get()?.n === 3;
const isMissing = (path: string): boolean => !existsSync(path) || statSync(path).size === 0;
const hasEntries = (dir: string): boolean => existsSync(dir) && readdirSync(dir).length > 0;

function isPassing(error: unknown): boolean {
	const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : null;
	return code !== null && PASSING.has(code);
}

function readConnSeq(db: JournalDatabase): number | null {
	try {
		const row = db.prepare(`SELECT value FROM fact WHERE name = 'connSeq'`).get();
		const value = Number(row?.value);
		return Number.isSafeInteger(value) && value > 0 ? value : null;
	} catch {
		return null;
	}
}

function closeQuietly(db: JournalDatabase | null): void {
	try {
		db?.close();
	} catch {
		// It is put aside all the same.
	}
}

/** @returns the new name of the file */
function putAside(path: string, nowMs: number): string {
	const kept = `${path}.damaged-${new Date(nowMs).toISOString().replaceAll(':', '-')}`;
	for (const suffix of ['', '-wal', '-shm'])
		if (existsSync(`${path}${suffix}`)) renameSync(`${path}${suffix}`, `${kept}${suffix}`);
	return kept;
}
