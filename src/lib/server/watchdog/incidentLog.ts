/**
 * The incidents that agents report, on their way into the database: gathered, and written together. An agent tells
 * each of them again after a reconnect, so what is lost here with the process comes once more.
 */
import type { AgentFrames } from '#lib/protocol/frames.ts';
import type { Database } from '../db.ts';

export interface IncidentEntry extends Pick<
	AgentFrames['incident'],
	| 'incidentId'
	| 'accountId'
	| 'kind'
	| 'outcome'
	| 'restarts'
	| 'steps'
	| 'openPositions'
	| 'unprotectedPositions'
> {
	agentId: string;
	startedAt: Date;
	detectedAt: Date;
	endedAt: Date | null;
}

/** While the database is away, the newest this many are kept. */
const MAX_WAITING = 10_000;

export class IncidentLog {
	/** By account and incident, the newest word on each. */
	#waiting = new Map<string, IncidentEntry>();
	readonly #db: Database;

	constructor(db: Database) {
		this.#db = db;
	}

	add(entry: IncidentEntry): void {
		const key = keyOf(entry);
		this.#waiting.delete(key);
		this.#waiting.set(key, entry);
		for (const [id] of this.#waiting) {
			if (this.#waiting.size <= MAX_WAITING) return;
			this.#waiting.delete(id);
		}
	}

	/**
	 * Writes what is waiting. What is over stays as it is; the moments of the beginning stay as first told; another
	 * agent's incident is not touched.
	 */
	async flush(): Promise<void> {
		if (this.#waiting.size === 0) return;
		const entries = this.#waiting;
		this.#waiting = new Map();
		try {
			await this.#db.pool.query({
				name: 'watchdog-incidents',
				text: `INSERT INTO "WatchdogIncident" AS w (id, "accountId", "agentId", kind, "startedAt", "detectedAt", "endedAt",
				         outcome, restarts, steps, "openPositions", "unprotectedPositions")
				       SELECT x."incidentId", x."accountId", x."agentId", x.kind, x."startedAt", x."detectedAt", x."endedAt",
				         x.outcome, x.restarts, x.steps, x."openPositions", x."unprotectedPositions"
				       FROM jsonb_to_recordset($1::jsonb) AS x("incidentId" uuid, "accountId" uuid, "agentId" uuid, kind text,
				         "startedAt" timestamptz, "detectedAt" timestamptz, "endedAt" timestamptz, outcome text, restarts int,
				         steps jsonb, "openPositions" int, "unprotectedPositions" int)
				       JOIN "Mt5Account" a ON a.id = x."accountId"
				       ON CONFLICT ("accountId", id) DO UPDATE SET kind = excluded.kind, "endedAt" = excluded."endedAt",
				         outcome = excluded.outcome, restarts = excluded.restarts, steps = excluded.steps
				       WHERE w."endedAt" IS NULL AND w."agentId" = excluded."agentId"`,
				values: [JSON.stringify([...entries.values()])]
			});
		} catch (error) {
			for (const [id, entry] of entries) if (!this.#waiting.has(id)) this.#waiting.set(id, entry);
			throw error;
		}
	}
}

/** An agent may speak of its accounts alone: another's incident of the same id is another incident. */
const keyOf = ({ accountId, incidentId }: IncidentEntry): string => `${accountId} ${incidentId}`;
