/**
 * How busy the machines are: the newest figures of the agents on this node in memory, and of all of them, a little
 * older, in the database.
 */
import type { TimerClock } from '#lib/domain/clock.ts';
import { machineLoadSchema, type MachineLoad } from '#lib/protocol/machineLoad.ts';
import type { Database } from '../db.ts';

export interface SeenLoad extends MachineLoad {
	at: string;
}

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
	of(agent: { id: string; load: unknown; loadAt: Date | null }): SeenLoad | null {
		const heard = this.#newest.get(agent.id);
		if (heard && heard.atMs >= (agent.loadAt?.getTime() ?? 0))
			return { ...heard.load, at: new Date(heard.atMs).toISOString() };
		const stored = machineLoadSchema.safeParse(agent.load);
		return stored.success && agent.loadAt ? { ...stored.data, at: agent.loadAt.toISOString() } : null;
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
