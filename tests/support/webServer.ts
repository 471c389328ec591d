/** The real web server as a process of its own, on a database of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestDatabase } from './database.ts';
import { portToKeep } from './portToKeep.ts';

export interface WebServer {
	readonly origin: string;
	readonly databaseUrl: string;
	/** Everything it wrote to its log so far. */
	log(): string;
	/** The present process. */
	readonly pid: number;
	/**
	 * Ends the process as given, if it has not ended itself, and starts another on the same port and database.
	 * @param env laid over the environment of the first start, for this one alone
	 */
	restart(signal?: NodeJS.Signals, env?: NodeJS.ProcessEnv): Promise<void>;
	/** Waits for the process to end by itself. */
	ended(): Promise<void>;
	/** Sends a signal and waits for the end. @returns the exit code */
	end(signal?: NodeJS.Signals): Promise<number | null>;
	stop(): Promise<void>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

export async function startWebServer(env: NodeJS.ProcessEnv = {}): Promise<WebServer> {
	const database = await createTestDatabase();
	const dataDir = await mkdtemp(join(tmpdir(), 'quintet-web-'));
	const port = await portToKeep();
	let output = '';
	let child = await launch();

	async function launch(more: NodeJS.ProcessEnv = {}): Promise<ChildProcess> {
		const started = spawn(process.execPath, ['src/server.ts'], {
			cwd: root,
			env: {
				...process.env,
				DATABASE_URL: database.url,
				QUINTET_DATA_DIR: dataDir,
				PORT: String(port),
				QUINTET_LOGINS_PER_MINUTE: '1000',
				...env,
				...more
			},
			stdio: ['ignore', 'pipe', 'pipe', 'ipc']
		});
		for (const stream of [started.stdout, started.stderr])
			stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
		await new Promise<void>((done, fail) => {
			started.once('message', () => done());
			started.once('exit', (code) =>
				fail(new Error(`the web server ended with ${code}:\n${output.slice(-3000)}`))
			);
		});
		return started;
	}

	async function end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
		if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
		const exited = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
		child.kill(signal);
		return exited;
	}

	return {
		origin: `http://127.0.0.1:${port}`,
		databaseUrl: env.DATABASE_URL ?? database.url,
		log: () => output,
		end,
		get pid() {
			return child.pid ?? 0;
		},
		async restart(signal = 'SIGTERM', more = {}) {
			await end(signal);
			child = await launch(more);
		},
		async ended() {
			if (child.exitCode === null && child.signalCode === null)
				await new Promise((done) => child.once('exit', done));
		},
		async stop() {
			await end();
			await database.drop();
			await rm(dataDir, { recursive: true, force: true });
		}
	};
}
