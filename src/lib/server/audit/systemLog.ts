/**
 * The system log: what agents report of themselves and their terminals. Entries are gathered and written
 * together; a fleet that comes back at once costs a few statements.
 */
import { uuidv7 } from 'uuidv7';
import type { Database } from '../db.ts';

export interface SystemLogEntry {
	at: Date;
	level: 'info' | 'warn' | 'error';
	code: string;
	message: string;
	agentId: string | null;
	accountId: string | null;
	userId: string | null;
}

/** While the database is away, the newest this many are kept. */
const MAX_WAITING = 10_000;

export class SystemLog {
	#waiting: (SystemLogEntry & { id: string })[] = [];
	readonly #db: Database;

	constructor(db: Database) {
		this.#db = db;
	}

	add(entry: SystemLogEntry): void {
		this.#waiting.push({ id: uuidv7(), ...entry });
		if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
	}

	/** Writes what is waiting; called by a loop, and once more at the end. */
	async flush(): Promise<void> {
		if (this.#waiting.length === 0) return;
		const entries = this.#waiting;
		this.#waiting = [];
		try {
			await this.#db.pool.query({
				name: 'system-log',
				text: `INSERT INTO "SystemLog" (id, at, level, source, "agentId", "accountId", "userId", message, detail)
				       SELECT id, at, level, 'agent', "agentId", "accountId", "userId", message, jsonb_build_object('code', code)
				       FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, at timestamptz, level text, code text, message text,
				         "agentId" uuid, "accountId" uuid, "userId" uuid)`,
				values: [JSON.stringify(entries)]
			});
		} catch (error) {
			this.#waiting = [...entries, ...this.#waiting].slice(-MAX_WAITING);
			throw error;
		}
	}
}
