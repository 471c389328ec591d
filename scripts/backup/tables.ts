/** The tables of a database, as a backup sees them. */
import type pg from 'pg';

/**
 * Not kept: what a running server says of itself, and what lets somebody in. A session that was ended since the backup
 * would live again with it, and a code that was spent.
 */
const NOT_KEPT = new Set(['ServerNode', 'Session', 'PendingSignIn', 'AgentJoinCode']);

export const isKept = (table: string): boolean => !NOT_KEPT.has(table);

/** All tables but the list of migrations, each after those that it refers to. */
export async function tablesInOrder(client: pg.Client): Promise<string[]> {
	const { rows: tables } = await client.query<{ name: string }>(
		`SELECT relname AS name FROM pg_class
		 WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname`
	);
	const { rows: references } = await client.query<{ from: string; to: string }>(
		`SELECT DISTINCT f.relname AS "from", t.relname AS "to" FROM pg_constraint c
		 JOIN pg_class f ON f.oid = c.conrelid JOIN pg_class t ON t.oid = c.confrelid
		 WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND f.oid <> t.oid`
	);
	const waiting = new Set(tables.map(({ name }) => name).filter((name) => name !== '_prisma_migrations'));
	const order: string[] = [];
	while (waiting.size > 0) {
		const ready = [...waiting].filter(
			(name) => !references.some(({ from, to }) => from === name && waiting.has(to))
		);
		if (ready.length === 0) throw new Error(`these tables refer to each other: ${[...waiting].join(', ')}`);
		for (const name of ready) {
			waiting.delete(name);
			order.push(name);
		}
	}
	return order;
}

/** Names of the migrations that were applied, oldest first; none of an empty database. */
export async function migrationsOf(client: pg.Client): Promise<string[]> {
	const { rows: found } = await client.query(
		`SELECT 1 WHERE to_regclass('"_prisma_migrations"') IS NOT NULL`
	);
	if (found.length === 0) return [];
	const { rows } = await client.query<{ name: string }>(
		`SELECT migration_name AS name FROM "_prisma_migrations" WHERE finished_at IS NOT NULL ORDER BY 1`
	);
	return rows.map(({ name }) => name);
}
