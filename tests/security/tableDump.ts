/** What the database holds, table by table, to see whether something changed. */
import { query } from '../support/database.ts';

/** Rows that move by themselves: the server's own sign of life. */
const ALIVE = new Set(['ServerNode', '_prisma_migrations']);

export async function tableNames(databaseUrl: string): Promise<string[]> {
	const rows = await query<{ name: string }>(
		databaseUrl,
		`SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1`
	);
	return rows.map(({ name }) => name);
}

/** All rows of all tables, sorted. */
export async function tableDump(databaseUrl: string): Promise<Record<string, string[]>> {
	const dump: Record<string, string[]> = {};
	for (const name of await tableNames(databaseUrl)) {
		if (ALIVE.has(name)) continue;
		const rows = await query<{ row: string }>(
			databaseUrl,
			// That a session is in use is written down now and then, whatever it is used for.
			name === 'Session'
				? `SELECT (to_jsonb(t) - 'lastUsedAt' - 'expiresAt')::text AS row FROM "Session" t ORDER BY 1`
				: `SELECT t::text AS row FROM "${name}" t ORDER BY 1`
		);
		dump[name] = rows.map(({ row }) => row);
	}
	return dump;
}
