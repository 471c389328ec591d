/**
 * Changes of accounts' connections, as agents report them, on their way into the database: gathered, and written
 * together. Owns what was noted last of each account that has a line here. What is noted with a process that ends is
 * lost; the next report is noted anew, and not written when it is what is stored already.
 */
import { uuidv7 } from 'uuidv7';
import type { ConnectionEvent } from '#lib/domain/connectionHistory.ts';
import type { SeenState } from '#lib/protocol/seen.ts';
import type { Database } from '../db.ts';

export interface ConnectionNote {
	id: string;
	accountId: string;
	agentId: string;
	at: Date;
	connection: ConnectionEvent;
	reason: string | null;
	remedy: string | null;
	/** Failed tries before it. */
	retries: number;
}

/** While the database is away, the newest this many are kept. */
const MAX_WAITING = 50_000;

export class ConnectionLog {
	readonly #last = new Map<string, { connection: ConnectionEvent; retries: number }>();
	#waiting: ConnectionNote[] = [];
	#isOver = false;
	readonly #db: Database;

	constructor(db: Database) {
		this.#db = db;
	}

	/** An agent reported this state of an account. */
	note(seen: { accountId: string; agentId: string; at: Date }, state: SeenState): void {
		const { connection, fault, activity, retries = 0 } = state;
		const last = this.#last.get(seen.accountId);
		if (connection === 'connecting' || connection === last?.connection) {
			// How often it was tried is told with what came of it.
			if (last) last.retries = Math.max(last.retries, retries);
			return;
		}
		const tries = connection === 'connected' ? Math.max(retries, last?.retries ?? 0) : retries;
		this.#last.set(seen.accountId, { connection, retries: connection === 'connected' ? 0 : retries });
		this.#add({
			...seen,
			id: uuidv7(),
			connection,
			reason: connection === 'connected' ? null : (fault?.message ?? activity),
			remedy: connection === 'connected' ? null : (fault?.remedy ?? null),
			retries: tries
		});
	}

	/** The line of its agent ended: from here on nothing is seen. */
	noteAgentLost(seen: { accountId: string; agentId: string; at: Date }): void {
		if (!this.#last.delete(seen.accountId)) return;
		const nothing = { reason: null, remedy: null, retries: 0 };
		this.#add({ ...seen, ...nothing, id: uuidv7(), connection: 'agent_offline' });
	}

	/** This server ends: that its lines end is no word on any agent. */
	end(): void {
		this.#isOver = true;
	}

	#add(note: ConnectionNote): void {
		if (this.#isOver) return;
		this.#waiting.push(note);
		if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
	}

	/** Writes what is waiting, in order; what an account's newest line says already is not written again. */
	async flush(): Promise<void> {
		if (this.#waiting.length === 0) return;
		const notes = this.#waiting;
		this.#waiting = [];
		try {
			await this.#db.pool.query({
				name: 'connection-changes',
				text: `INSERT INTO "ConnectionChange" (id, "accountId", "agentId", at, connection, reason, remedy, retries, "isWanted")
				       SELECT x.id, x."accountId", x."agentId", x.at, x.connection, x.reason, x.remedy, x.retries, x."isConnectionWanted"
				       FROM (
				         SELECT n.*, a."isConnectionWanted",
				           coalesce(lag(n.connection) OVER (PARTITION BY n."accountId" ORDER BY n.id), (
				             SELECT c.connection FROM "ConnectionChange" c WHERE c."accountId" = n."accountId"
				             ORDER BY c.at DESC, c.id DESC LIMIT 1)) AS before
				         FROM jsonb_to_recordset($1::jsonb) AS n(id uuid, "accountId" uuid, "agentId" uuid, at timestamptz,
				           connection text, reason text, remedy text, retries int)
				         JOIN "Mt5Account" a ON a.id = n."accountId"
				       ) x WHERE x.connection IS DISTINCT FROM x.before
				       ON CONFLICT DO NOTHING`,
				values: [JSON.stringify(notes)]
			});
		} catch (error) {
			this.#waiting = [...notes, ...this.#waiting].slice(-MAX_WAITING);
			throw error;
		}
	}
}
