/**
 * Applies prisma/migrations to a database, with Prisma's own schema engine as WebAssembly (no binary is
 * downloaded). `npm run db:migrate` applies; `npm run db:migrate -- --create NAME` writes the next
 * migration from what schema.prisma says beyond the migrations that exist.
 */
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg';

const prismaDir = fileURLToPath(new URL('.', import.meta.url));
const migrationsDir = join(prismaDir, 'migrations');
const filters = { externalTables: [], externalEnums: [] };

let isWasmReady = false;

/** Runs `use` with an engine on the database at `url`, and leaves no connection behind. */
async function withEngine<T>(url: string, use: (engine: engine.SchemaEngine) => Promise<T>): Promise<T> {
	if (!isWasmReady) {
		const wasm = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
		const module = await WebAssembly.compile(await readFile(wasm.replace(/\.js$/, '.wasm')));
		const instance = await WebAssembly.instantiate(module, { './schema_engine_bg.js': { ...engine } });
		engine.__wbg_set_wasm(instance.exports);
		const start = instance.exports['__wbindgen_start'];
		if (typeof start === 'function') start();
		isWasmReady = true;
	}
	const pool = new pg.Pool({ connectionString: url, max: 2 });
	try {
		const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool));
		const datamodel = await readFile(join(prismaDir, 'schema.prisma'), 'utf8');
		const schema = { datamodels: [['schema.prisma', datamodel]] as [string, string][] };
		const schemaEngine = await engine.SchemaEngine.new(schema, () => undefined, adapter);
		try {
			return await use(schemaEngine);
		} finally {
			schemaEngine.free();
		}
	} finally {
		await pool.end();
	}
}

async function readMigrations(): Promise<engine.MigrationList> {
	const names = (await readdir(migrationsDir, { withFileTypes: true })).filter((e) => e.isDirectory());
	const migrationDirectories = await Promise.all(
		names
			.map((e) => e.name)
			.sort()
			.map(async (path) => ({
				path,
				migrationFile: {
					path: 'migration.sql',
					content: {
						tag: 'ok' as const,
						value: await readFile(join(migrationsDir, path, 'migration.sql'), 'utf8')
					}
				}
			}))
	);
	const lockfile = await readFile(join(migrationsDir, 'migration_lock.toml'), 'utf8').catch(() => null);
	return {
		baseDir: migrationsDir,
		lockfile: { path: 'migration_lock.toml', content: lockfile },
		shadowDbInitScript: '',
		migrationDirectories
	};
}

/**
 * Brings the database up to date.
 * @param only names of migrations: an empty database gets these alone, for rows of an older version
 * @returns the names of the migrations applied just now; empty when there was nothing to do
 */
export async function migrate(url: string, only?: readonly string[]): Promise<string[]> {
	const all = await readMigrations();
	const migrationsList = {
		...all,
		migrationDirectories: all.migrationDirectories.filter(({ path }) => only?.includes(path) ?? true)
	};
	return withEngine(url, async (schemaEngine) => {
		const output = await schemaEngine.applyMigrations({ migrationsList, filters });
		return output.appliedMigrationNames;
	});
}

/**
 * The SQL that leads from the newest migration to schema.prisma; empty when they agree. Each migration keeps
 * the schema it led to beside it, since the engine's introspection through the driver adapter fails on
 * PostgreSQL's "char" columns; the database at `url` is only asked for its version.
 */
export async function pendingSchemaChanges(url: string): Promise<string> {
	const { migrationDirectories } = await readMigrations();
	const newest = migrationDirectories.at(-1)?.path;
	const schemaOf = async (path: string) => ({
		tag: 'schemaDatamodel' as const,
		files: [{ path: 'schema.prisma', content: await readFile(path, 'utf8') }]
	});
	const from: engine.DiffTarget = newest
		? await schemaOf(join(migrationsDir, newest, 'schema.prisma'))
		: { tag: 'empty' };
	const to = await schemaOf(join(prismaDir, 'schema.prisma'));
	return withEngine(url, async (schemaEngine) => {
		const output = await schemaEngine.diff({
			from,
			to,
			script: true,
			exitCode: null,
			filters
		});
		const sql = output.stdout ?? '';
		return sql.includes('This is an empty migration') ? '' : sql;
	});
}

async function createMigration(url: string, name: string): Promise<void> {
	const sql = await pendingSchemaChanges(url);
	if (!sql) return console.log('schema.prisma holds nothing beyond the migrations.');
	const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
	const dir = join(migrationsDir, `${stamp}_${name}`);
	await mkdir(dir, { recursive: true });
	await writeFile(join(dir, 'migration.sql'), sql);
	await copyFile(join(prismaDir, 'schema.prisma'), join(dir, 'schema.prisma'));
	console.log(`Wrote ${dir}/migration.sql; read it, then run npm run db:migrate.`);
}

if (import.meta.main) {
	const url = process.env['DATABASE_URL'];
	if (!url) {
		console.error('DATABASE_URL is not set: say which database to migrate.');
		process.exit(2);
	}
	const [flag, name] = process.argv.slice(2);
	if (flag === '--create' && name) await createMigration(url, name);
	else
		console.log((await migrate(url)).map((m) => `applied ${m}`).join('\n') || 'The database is up to date.');
	// The engine leaves a 10 s timer of its advisory lock behind; nothing of ours is open any more.
	process.exit(0);
}
