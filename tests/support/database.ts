import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

const pattern = () => inject('databaseUrlPattern');

/** A database of the caller's own, cloned from the migrated template. */
export async function createTestDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
	const name = `test_${randomBytes(6).toString('hex')}`;
	await admin(`CREATE DATABASE ${name} TEMPLATE template_quintet`);
	return {
		url: pattern().replace('DATABASE', name),
		drop: () => admin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
	};
}

async function admin(statement: string): Promise<void> {
	const client = new pg.Client({ connectionString: pattern().replace('DATABASE', 'postgres') });
	await client.connect();
	try {
		await client.query(statement);
	} finally {
		await client.end();
	}
}

/** Runs one query on the database at `url`. */
export async function query<R extends pg.QueryResultRow>(
	url: string,
	text: string,
	values: unknown[] = []
): Promise<R[]> {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	try {
		return (await client.query<R>(text, values)).rows;
	} finally {
		await client.end();
	}
}
