/**
 * How busy the machines are: the newest figures of the agents on this node in memory, and of all of them, a little
 * older, in the database.
 */
import type { TimerClock } from '#lib/domain/clock.ts';
import type { TerminalResources } from '#lib/domain/terminalResources.ts';
import { machineLoadSchema, type MachineLoad } from '#lib/protocol/machineLoad.ts';
import type { Database } from '../db.ts';

/** Of the machine as a whole. */
export interface SeenLoad extends Omit<MachineLoad, 'terminals'> {
	at: string;
}

interface StoredLoad {
	id: string;
	load: unknown;
	loadAt: Date | null;
}

/** Told every ten seconds, stored every thirty: what is older says nothing of now. */
const TERMINALS_FRESH_MS = 60_000;

export class MachineLoads {
	readonly #db: Database;
	readonly #clock: Pick<TimerClock, 'wallMs'>;
	readonly #newest = new Map<string, { load: MachineLoad; atMs: number; isSaved: boolean }>();

	constructor(db: Database, clock: Pick<TimerClock, 'wallMs'>) {
		this.#db = db;
		this.#clock = clock;
	}

	add(agentId: string, load: MachineLoad): void {
		this.#newest.set(agentId, { load, atMs: this.#clock.wallMs(), isSaved: false });
	}

	/** The newer of what was heard here and what is stored. */
	of(agent: StoredLoad): SeenLoad | null {
		const seen = this.#seen(agent);
		if (!seen) return null;
		const load: MachineLoad = { ...seen.load };
		delete load.terminals;
		return { ...load, at: new Date(seen.atMs).toISOString() };
	}

	/** What each terminal takes, by account; without those of which nothing is known just now. */
	terminalsOf(agent: StoredLoad): Map<string, TerminalResources> {
		const seen = this.#seen(agent);
		if (!seen || this.#clock.wallMs() - seen.atMs > TERMINALS_FRESH_MS) return new Map();
		return new Map(seen.load.terminals?.map(({ accountId, ...resources }) => [accountId, resources]));
	}

	#seen(agent: StoredLoad): { load: MachineLoad; atMs: number } | null {
		const heard = this.#newest.get(agent.id);
		if (heard && heard.atMs >= (agent.loadAt?.getTime() ?? 0)) return heard;
		const stored = machineLoadSchema.safeParse(agent.load);
		return stored.success && agent.loadAt ? { load: stored.data, atMs: agent.loadAt.getTime() } : null;
	}

	/** Saves what is new, in one statement. */
	async flush(): Promise<void> {
		const unsaved = [...this.#newest].filter(([, { isSaved }]) => !isSaved);
		if (unsaved.length === 0) return;
		for (const [, entry] of unsaved) entry.isSaved = true;
		const rows = unsaved.map(([id, { load, atMs }]) => ({ id, load, at: new Date(atMs) }));
		try {
			await this.#db.pool.query({
				name: 'machine-loads',
				text: `UPDATE "Agent" g SET load = x.load, "loadAt" = x.at
				       FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, load jsonb, at timestamptz) WHERE g.id = x.id`,
				values: [JSON.stringify(rows)]
			});
		} catch (error) {
			for (const [, entry] of unsaved) entry.isSaved = false;
			throw error;
		}
	}
}
