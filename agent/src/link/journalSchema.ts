/** Tables of the agent's journal, and how the file is opened. */
import { DatabaseSync } from 'node:sqlite';

const SCHEMA_VERSION = 1;

const SCHEMA = `
CREATE TABLE command (
	commandId TEXT NOT NULL,
	accountId TEXT NOT NULL,
	generation INTEGER NOT NULL,
	epoch INTEGER NOT NULL,
	kind TEXT NOT NULL,
	closePositions INTEGER NOT NULL,
	settings TEXT,
	-- received: nothing done yet; intent: a Start may have had an effect; done: the outcome stands;
	-- acked: the server has it too; tombstone: a Start that never came, and must never run.
	state TEXT NOT NULL CHECK (state IN ('received', 'intent', 'done', 'acked', 'tombstone')),
	result TEXT,
	receivedAtMs INTEGER NOT NULL,
	PRIMARY KEY (commandId, accountId)
) STRICT, WITHOUT ROWID;
CREATE INDEX command_state ON command (state);
CREATE TABLE fence (accountId TEXT PRIMARY KEY, fence TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

/** Answered commands are remembered at least this long, so that a late repeat is still recognised. */
export const REMEMBER_MS = 8 * 24 * 3_600_000;

/** The journal could not be written (disk full, file locked): what was to be noted is not noted. */
export class JournalFailure extends Error {
	constructor(cause: unknown) {
		super('The agent’s journal cannot be written.', { cause });
	}
}

/** What the journal needs of its database. */
export type JournalDatabase = Pick<DatabaseSync, 'exec' | 'prepare' | 'isTransaction' | 'close'>;

/** So that the write-ahead log stops growing after a few dozen commits: appending to it costs more than writing it over. */
const CHECKPOINT_PAGES = 100;

/** Opens or creates the file. Every commit is on the disk when it returns (WAL, synchronous=FULL). */
export function openJournalFile(path: string): JournalDatabase {
	const db = new DatabaseSync(path, { timeout: 200 });
	db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
	db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};`);
	return db;
}

/** Sees to it that the tables are there, and forgets what is too old. @throws when it is of another version */
export function prepareJournal(db: JournalDatabase, nowMs: number): void {
	const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
	if (version === 0) db.exec(`BEGIN; ${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT;`);
	else if (version !== SCHEMA_VERSION) {
		db.close();
		throw new Error(`the journal has version ${version}; this agent knows ${SCHEMA_VERSION}`);
	}
	try {
		db.prepare(`DELETE FROM command WHERE state IN ('acked', 'tombstone') AND receivedAtMs < ?`).run(
			nowMs - REMEMBER_MS
		);
	} catch {
		// A full disk must not keep the agent from starting: it still has Stops to carry out.
	}
}
