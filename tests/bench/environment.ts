/** What every scenario runs on: a durable embedded PostgreSQL and the built web server as a process. */
import { fork, type ChildProcess } from 'node:child_process';
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { uuidv7 } from 'uuidv7';
import { freePort, startEmbeddedPostgres } from '#lib/server/embeddedPostgres.ts';
import { passwordOwner } from '#lib/server/accounts/passwordOwner.ts';
import { createSecretBox, ensureKeyFile, readKeyFile } from '#lib/server/crypto/secretBox.ts';
import { readSigningKey } from '#lib/server/crypto/signingKey.ts';
import { migrate } from '../../prisma/migrate.ts';
import { buildIfNeeded } from '../../scripts/build.ts';

export interface BenchAgent {
	agentId: string;
	/** PKCS8 PEM. */
	privateKey: string;
	/** X25519, PKCS8 PEM. */
	sealKey: string;
}

export interface Bench {
	readonly dir: string;
	readonly databaseUrl: string;
	readonly pool: pg.Pool;
	readonly origin: string;
	/** What agents pin. */
	readonly serverKey: string;
	readonly webPid: () => number;
	/** Ends the web server and starts a fresh one, so that no scenario inherits memory of another. */
	restartWeb(signal?: NodeJS.Signals): Promise<void>;
	/** A trader with enabled accounts, each on an agent of its own unless these are to have them. */
	makeTrader(
		accountCount: number,
		on?: readonly BenchAgent[]
	): Promise<{
		userId: string;
		cookie: string;
		agents: BenchAgent[];
		accountIds: string[];
		accountNumbers: string[];
	}>;
	makeAgents(count: number): Promise<BenchAgent[]>;
	/** Waits until every command has its results. */
	settled(): Promise<void>;
	close(): Promise<void>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The web server writes a processor profile there at its end, for whoever wants to make a figure better. */
const PROFILE_DIR = process.env['QUINTET_BENCH_PROFILE'];
const MACHINE = { hostname: 'bench', platform: 'linux', release: '6', cpus: 2, memoryMb: 4096 };

export async function openBench(): Promise<Bench> {
	await buildIfNeeded(console.error);
	const dir = await mkdtemp(join(tmpdir(), 'quintet-bench-'));
	await chmod(dir, 0o755);
	// PostgreSQL's own defaults: every commit waits for the disk.
	const postgres = await startEmbeddedPostgres({
		dataDir: join(dir, 'postgres'),
		settings: { max_connections: '200' }
	});
	await migrate(postgres.url);
	const keyFile = join(dir, 'keys');
	await ensureKeyFile(keyFile, new Date());
	const box = createSecretBox(await readKeyFile(keyFile));
	const pool = new pg.Pool({ connectionString: postgres.url, max: 10 });
	// Of connections that PostgreSQL ends before the pool has; a query that fails says so itself.
	pool.on('error', () => undefined);
	const port = await freePort();
	const origin = `http://127.0.0.1:${port}`;
	let web = await startWeb();

	function startWeb(): Promise<ChildProcess> {
		const child = fork(join(root, 'src/server.ts'), [], {
			cwd: root,
			execArgv: PROFILE_DIR ? ['--cpu-prof', `--cpu-prof-dir=${PROFILE_DIR}`] : [],
			env: {
				...process.env,
				DATABASE_URL: postgres.url,
				QUINTET_KEY_FILE: keyFile,
				QUINTET_LOG_LEVEL: 'error',
				QUINTET_STARTS_PER_MINUTE: '1000000',
				PORT: String(port)
			}
		});
		return new Promise((done, fail) => {
			child.once('message', () => done(child));
			child.once('exit', (code) => fail(new Error(`the web server ended with ${code}`)));
		});
	}

	async function stopWeb(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
		const ended = new Promise((done) => web.once('exit', done));
		web.kill(signal);
		await ended;
	}

	async function makeAgents(count: number): Promise<BenchAgent[]> {
		const agents = Array.from({ length: count }, () => {
			const { publicKey, privateKey } = generateKeyPairSync('ed25519');
			const seal = generateKeyPairSync('x25519');
			const pem = (key: KeyObject) => key.export({ format: 'pem', type: 'pkcs8' }).toString();
			return {
				agentId: uuidv7(),
				x: publicKey.export({ format: 'jwk' }).x ?? '',
				sealX: seal.publicKey.export({ format: 'jwk' }).x ?? '',
				privateKey: pem(privateKey),
				sealKey: pem(seal.privateKey)
			};
		});
		await pool.query(
			`INSERT INTO "Agent" (id, name, "publicKey", "sealKey", machine, version, capacity, "approvedAt")
			 SELECT id, 'bench', x, s, $4::jsonb, '0', 50, now()
			 FROM unnest($1::uuid[], $2::text[], $3::text[]) AS t(id, x, s)`,
			[
				agents.map((a) => a.agentId),
				agents.map((a) => a.x),
				agents.map((a) => a.sealX),
				JSON.stringify(MACHINE)
			]
		);
		return agents.map(({ agentId, privateKey, sealKey }) => ({ agentId, privateKey, sealKey }));
	}

	return {
		dir,
		databaseUrl: postgres.url,
		pool,
		origin,
		serverKey: (await readSigningKey(`${keyFile}.signing`)).publicKey,
		webPid: () => web.pid ?? 0,
		async restartWeb(signal) {
			await stopWeb(signal);
			web = await startWeb();
		},
		makeAgents,
		async makeTrader(accountCount, on) {
			const userId = uuidv7();
			await pool.query(`INSERT INTO "User" (id, email, name, "passwordHash") VALUES ($1, $2, 'Bench', '')`, [
				userId,
				`${userId}@bench.test`
			]);
			const agents = on ?? (await makeAgents(accountCount));
			const accounts = Array.from({ length: accountCount }, (_, i) => {
				const id = uuidv7();
				const login = { accountNumber: String(1000 + i), serverName: 'Bench-Demo' };
				const sealedPassword = box.seal('secret', passwordOwner({ id, ...login }));
				return {
					id,
					...login,
					name: `Account ${i}`,
					sealedPassword,
					agentId: agents[i % agents.length]?.agentId
				};
			});
			await pool.query(
				`WITH wanted AS (
				   SELECT * FROM jsonb_to_recordset($2::jsonb) AS x(id uuid, "accountNumber" text, "serverName" text, name text,
				     "sealedPassword" text, "agentId" uuid)
				 ), made AS (
				   INSERT INTO "Mt5Account" (id, "userId", "accountNumber", "serverName", broker, name, "isEnabledForTrading", "sealedPassword", "updatedAt")
				   SELECT id, $1, "accountNumber", "serverName", 'Bench', name, true, "sealedPassword", now() FROM wanted
				 ), stated AS (INSERT INTO "AccountState" ("accountId") SELECT id FROM wanted)
				 INSERT INTO "Mt5AccountAssignment" ("accountId", "agentId") SELECT id, "agentId" FROM wanted`,
				[userId, JSON.stringify(accounts)]
			);
			// A session of Lucia's form: 40 characters of base32.
			const token = 'b'.repeat(30) + userId.replace(/[^a-f2-7]/g, 'c').slice(-10);
			await pool.query(
				`INSERT INTO "Session" (id, "userId", "expiresAt") VALUES ($1, $2, now() + interval '12 hours')`,
				[createHash('sha256').update(token).digest('hex'), userId]
			);
			return {
				userId,
				cookie: `quintet_session=${token}`,
				agents: [...agents],
				accountIds: accounts.map(({ id }) => id),
				accountNumbers: accounts.map(({ accountNumber }) => accountNumber)
			};
		},
		async settled() {
			const open = `SELECT 1 FROM "EaCommandResult" WHERE "settledAt" IS NULL AND "agentId" IS NOT NULL LIMIT 1`;
			while (((await pool.query(open)).rowCount ?? 0) > 0) await sleep(50);
		},
		async close() {
			await stopWeb();
			await pool.end();
			await postgres.stop();
			await rm(dir, { recursive: true, force: true });
		}
	};
}
