/**
 * `npm run restore -- FILE [--force]`: puts a backup into an empty database, or in the place of what is there. All of it
 * or nothing. What it changes in what it restores, and why, is in docs/backup-and-restore.md.
 */
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { migrate } from '../../prisma/migrate.ts';
import { DamagedBackup, readArchive, verifyArchive, type BackupHead } from './archive.ts';
import { withDatabase } from './database.ts';
import { migrationsOf, tablesInOrder } from './tables.ts';

const ROWS_AT_ONCE = 500;
/** More than an account is moved, and an agent connects, between a backup and its return. */
const MOVES_SINCE = 1_000;
const CONNECTIONS_SINCE = 1_000_000_000;

/** What keeps a backup from being restored; nothing was changed. */
export class RestoreRefused extends Error {}

/**
 * @throws DamagedBackup, RestoreRefused; then the database is as it was, but for the tables that an empty one got
 */
export async function restore(
	url: string,
	path: string,
	{ isForced }: { isForced: boolean }
): Promise<BackupHead> {
	const head = await verifyArchive(path);
	const known = await ownMigrations();
	const foreign = head.migrations.filter((name) => !known.includes(name));
	if (foreign.length > 0)
		throw new RestoreRefused(
			`The backup is of Quintet ${head.version}, which is newer than this one (it has ${foreign.join(', ')}). Restore it with that version.`
		);
	const client = new pg.Client({ connectionString: url, application_name: 'quintet-restore' });
	await client.connect();
	try {
		// The tables as the backup knows them; what is newer of this version comes on top of the restored rows.
		if ((await migrationsOf(client)).length === 0) await migrate(url, head.migrations);
		const present = await migrationsOf(client);
		if (present.join() !== head.migrations.join())
			throw new RestoreRefused(
				'The database has the tables of another version than the backup. Restore into a new, empty database: what is older is brought up to date then.'
			);
		const isOlder = present.length < known.length;
		await inTransaction(client, async () => {
			await refuseUnlessFree(client, isForced);
			await fill(client, path, head);
			if (!isOlder) await goOnFromHere(client);
		});
		if (isOlder) {
			await migrate(url);
			await inTransaction(client, () => goOnFromHere(client));
		}
	} finally {
		await client.end();
	}
	return head;
}

async function inTransaction(client: pg.Client, work: () => Promise<void>): Promise<void> {
	await client.query('BEGIN');
	try {
		await work();
		await client.query('COMMIT');
	} catch (error) {
		await client.query('ROLLBACK');
		throw error;
	}
}

async function ownMigrations(): Promise<string[]> {
	const dir = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));
	const entries = await readdir(dir, { withFileTypes: true });
	return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** No server may work on it meanwhile, and nothing that is there is lost unless that was asked for. */
async function refuseUnlessFree(client: pg.Client, isForced: boolean): Promise<void> {
	const { rows: servers } = await client.query<{ host: string; pid: number }>(
		`SELECT host, pid FROM "ServerNode" WHERE "aliveAt" > now() - interval '10 seconds'`
	);
	if (servers.length > 0)
		throw new RestoreRefused(
			`Web servers use this database (${servers.map(({ host, pid }) => `process ${pid} on ${host}`).join(', ')}). End them, wait ten seconds, and try again.`
		);
	const tables = await tablesInOrder(client);
	const names = tables.map((name) => pg.escapeIdentifier(name));
	await client.query(`LOCK TABLE ${names.join(', ')} IN ACCESS EXCLUSIVE MODE`);
	const { rows } = await client.query<{ filled: string[] }>(
		`SELECT array_remove(ARRAY[${tables.map((name) => `CASE WHEN EXISTS (SELECT 1 FROM ${pg.escapeIdentifier(name)}) THEN ${pg.escapeLiteral(name)} END`).join(', ')}], NULL) AS filled`
	);
	const filled = (rows[0]?.filled ?? []).filter((name) => name !== 'ServerNode');
	if (filled.length === 0) return;
	if (!isForced)
		throw new RestoreRefused(
			`The database is not empty (${filled.slice(0, 5).join(', ')}${filled.length > 5 ? ' …' : ''}). Restore into an empty one, or say --force to lose what is there; make a backup of it first.`
		);
	// The audit log refuses to be emptied; whoever owns the tables may have it otherwise, as here.
	await client.query(`ALTER TABLE "AuditLog" DISABLE TRIGGER USER`);
	await client.query(`TRUNCATE ${names.join(', ')}`);
	await client.query(`ALTER TABLE "AuditLog" ENABLE TRIGGER USER`);
}

async function fill(client: pg.Client, path: string, head: BackupHead): Promise<void> {
	let table: string | null = null;
	let rows: string[] = [];
	let written = 0;
	const flush = async (): Promise<void> => {
		if (table === null || rows.length === 0) return;
		const name = pg.escapeIdentifier(table);
		await client.query(`INSERT INTO ${name} SELECT * FROM json_populate_recordset(NULL::${name}, $1::json)`, [
			`[${rows.join(',')}]`
		]);
		written += rows.length;
		rows = [];
	};
	for await (const line of readArchive(path)) {
		if (line.kind === 'table') {
			await flush();
			table = line.name;
		} else if (rows.push(line.text) >= ROWS_AT_ONCE) await flush();
	}
	await flush();
	if (written !== head.tables.reduce((sum, each) => sum + each.rows, 0))
		throw new DamagedBackup('The backup changed while it was read.');
}

/**
 * The world went on since the backup. Agents that remember more than the database must not be taken for copies of
 * themselves, and tell their deals anew.
 */
async function goOnFromHere(client: pg.Client): Promise<void> {
	// A number in a hello beyond what was given out means a copied agent, which would be locked and stopped.
	await client.query(`UPDATE "Agent" SET "connSeq" = "connSeq" + $1`, [CONNECTIONS_SINCE]);
	// Under a new epoch an agent reads and tells the whole history; what is known already is stored once all the same.
	// Epochs of moves since the backup are below it.
	await client.query(`UPDATE "Mt5AccountAssignment" SET epoch = epoch + $1`, [MOVES_SINCE]);
	await client.query(
		`INSERT INTO "AuditLog" (id, action, detail) VALUES (gen_random_uuid(), 'server.restore', '{}'::jsonb)`
	);
}

if (import.meta.main) {
	const [path, flag, ...more] = process.argv.slice(2);
	if (path === undefined || path.startsWith('-') || (flag ?? '--force') !== '--force' || more.length > 0) {
		console.error('Say which backup to restore: npm run restore -- FILE [--force]');
		process.exit(2);
	}
	try {
		const head = await withDatabase((url) => restore(url, path, { isForced: flag !== undefined }));
		console.log(`Restored: everything as of ${head.takenAt}. Everybody has to sign in anew.`);
		console.log('Read what to look at now in docs/backup-and-restore.md, then start the servers.');
		process.exit(0);
	} catch (error) {
		if (!(error instanceof DamagedBackup || error instanceof RestoreRefused)) throw error;
		console.error(error.message);
		process.exit(1);
	}
}
