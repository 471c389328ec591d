/** `npm run backup -- FILE`: everything that is in the database, as it is at one moment, while the servers go on. */
import pg from 'pg';
import packageJson from '../../package.json' with { type: 'json' };
import { FORMAT, writeArchive, type BackupHead, type BackupLine } from './archive.ts';
import { withDatabase } from './database.ts';
import { isKept, migrationsOf, tablesInOrder } from './tables.ts';

/** Of rows that are in memory at once. */
const ROWS_AT_ONCE = 1_000;

/** @returns what was written */
export async function backup(url: string, path: string): Promise<BackupHead> {
	const client = new pg.Client({ connectionString: url, application_name: 'quintet-backup' });
	await client.connect();
	try {
		// One snapshot: all tables as they are now, whatever is written meanwhile.
		await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
		const tables: BackupHead['tables'] = [];
		for (const name of (await tablesInOrder(client)).filter(isKept)) {
			const { rows } = await client.query<{ rows: number }>(
				`SELECT count(*)::int AS rows FROM ${pg.escapeIdentifier(name)}`
			);
			tables.push({ name, rows: rows[0]?.rows ?? 0 });
		}
		const head: BackupHead = {
			quintet: 'backup',
			format: FORMAT,
			takenAt: new Date().toISOString(),
			version: packageJson.version,
			migrations: await migrationsOf(client),
			tables
		};
		await writeArchive(path, head, rowsOf(client, tables));
		await client.query('COMMIT');
		return head;
	} finally {
		await client.end();
	}
}

async function* rowsOf(client: pg.Client, tables: BackupHead['tables']): AsyncGenerator<BackupLine> {
	for (const { name } of tables) {
		yield { kind: 'table', name };
		// PostgreSQL prints the row itself: every digit of a number and every microsecond as it has them.
		await client.query(
			`DECLARE backup NO SCROLL CURSOR FOR SELECT row_to_json(t)::text AS text FROM ${pg.escapeIdentifier(name)} t`
		);
		for (;;) {
			const { rows } = await client.query<{ text: string }>(`FETCH ${ROWS_AT_ONCE} FROM backup`);
			for (const { text } of rows) yield { kind: 'row', text };
			if (rows.length < ROWS_AT_ONCE) break;
		}
		await client.query('CLOSE backup');
	}
}

if (import.meta.main) {
	const [path, ...more] = process.argv.slice(2);
	if (path === undefined || path.startsWith('-') || more.length > 0) {
		console.error('Say where to write the backup: npm run backup -- FILE');
		process.exit(2);
	}
	const head = await withDatabase((url) => backup(url, path));
	const rows = head.tables.reduce((sum, table) => sum + table.rows, 0);
	console.log(`${path}: ${rows} rows of ${head.tables.length} tables, as of ${head.takenAt}.`);
	console.log('Keep the key file and the signing key apart from it: docs/backup-and-restore.md.');
	process.exit(0);
}
