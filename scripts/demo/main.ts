/**
 * `npm run demo`: the whole product on this machine, with simulated terminals. Owns every process it starts:
 * Ctrl-C ends them in order, a second Ctrl-C at once.
 *
 * Environment: PORT (3000), HOST (127.0.0.1), QUINTET_DATA_DIR (.data/demo).
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#lib/server/embeddedPostgres.ts';
import { migrate } from '../../prisma/migrate.ts';
import { DEMO_OPERATOR, DEMO_TRADER, seedDemo } from '../../prisma/seed.ts';
import { buildIfNeeded } from '../build.ts';
import { approveOwnAgent, makeJoinCode, readConnections } from './database.ts';
import { fillHistory } from './history.ts';
import { killTerminals } from './terminals.ts';
import { startProcess, type DemoProcess } from './process.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dataDir = resolve(root, process.env['QUINTET_DATA_DIR'] ?? '.data/demo');
/** `npm run dev`: Vite's server with hot reload in the place of the built one. */
const isDev = process.argv.includes('--dev');
const port = Number(process.env['PORT'] ?? 3000);
const host = process.env['HOST'] ?? '127.0.0.1';
const agentDir = join(dataDir, 'agent');
const brokerDir = join(dataDir, 'sim-brokers');
const keyFile = join(dataDir, 'keys');
const pidFile = join(dataDir, 'demo.pid');
const address = `http://${host === '127.0.0.1' ? 'localhost' : host}:${port}`;

/** How long the terminals get to log in before the demo calls itself ready all the same. */
const LOGIN_PATIENCE_MS = 25_000;

/** An agent or a database that ended is away for so long. */
const RESTART_MS = 5_000;

let postgres: EmbeddedPostgres | undefined;
let web: DemoProcess | undefined;
let agent: DemoProcess | undefined;
let isEnding = false;
let ownsDataDir = false;

const say = (line: string): void => console.log(line);

process.on('SIGINT', () => void end(0));
process.on('SIGTERM', () => void end(0));
process.on('disconnect', () => void end(0));

try {
	await start();
} catch (error) {
	if (!isEnding) {
		console.error(`\n${error instanceof Error ? error.message : String(error)}`);
		await end(1);
	}
}

async function start(): Promise<void> {
	if (!Number.isInteger(port) || port < 1 || port > 65_535)
		throw new Error(`PORT is ${process.env['PORT']}; it must be a number from 1 to 65535.`);
	await claimDataDir();
	await requireFreePort();
	if (!isDev) await buildIfNeeded(say);

	say('Starting PostgreSQL…');
	postgres = await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres') });
	void keepPostgres(postgres);
	await migrate(postgres.url);
	const isNew = await seedDemo({ url: postgres.url, keyFile, brokerDir });
	if (isNew) await fillHistory(postgres.url, new Date());
	say(isNew ? 'Made the demo data.' : 'Using the data of the last run.');

	say('Starting the web server…');
	const env = {
		...process.env,
		DATABASE_URL: postgres.url,
		QUINTET_KEY_FILE: keyFile,
		QUINTET_SIM_BROKER_DIR: brokerDir,
		PORT: String(port),
		HOST: host
	};
	const logFile = join(dataDir, 'logs', 'web.log');
	web = await startProcess('the web server', isDev ? viteDev() : ['src/server.ts'], {
		env,
		cwd: root,
		logFile
	});
	if (isDev) await waitForPort();
	else await web.message('listening');

	await enrolOnce(postgres.url, env);
	say('Starting the agent and its simulated terminals…');
	const startedAt = new Date();
	await startAgent(env);
	void web.exited.then((code) => onWebExit(code));
	await waitForLogins(postgres.url, startedAt);

	say('');
	say(`Operator login: ${DEMO_OPERATOR.email} / ${DEMO_OPERATOR.password}`);
	say(`Demo login: ${DEMO_TRADER.email} / ${DEMO_TRADER.password}`);
	say(`Logs and data are in ${dataDir}. Ctrl-C ends everything.`);
	say(`Quintet is ready at ${address}`);
}

/** Two demos on one data directory would take each other's database away. */
async function claimDataDir(): Promise<void> {
	await mkdir(dataDir, { recursive: true });
	const pid = existsSync(pidFile) ? Number(await readFile(pidFile, 'utf8')) : NaN;
	if (Number.isInteger(pid) && pid !== process.pid && (await isDemo(pid)))
		throw new Error(
			`Another demo (process ${pid}) uses ${dataDir}. End it first, or set QUINTET_DATA_DIR to another directory.`
		);
	await writeFile(pidFile, String(process.pid));
	ownsDataDir = true;
	// What a killed run left behind.
	await killTerminals(agentDir);
}

async function isDemo(pid: number): Promise<boolean> {
	try {
		process.kill(pid, 0);
	} catch {
		return false;
	}
	const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null);
	return commandLine === null || commandLine.includes('scripts/demo/main.ts');
}

async function requireFreePort(): Promise<void> {
	await new Promise<void>((done, fail) => {
		const probe = createServer();
		probe.once('error', (error: NodeJS.ErrnoException) =>
			fail(
				new Error(
					error.code === 'EADDRINUSE'
						? `Port ${port} is in use. End what listens there, or choose another one: PORT=${port + 1} npm run demo`
						: `Port ${port} cannot be opened: ${error.message}`
				)
			)
		);
		probe.listen(port, host, () => probe.close(() => done()));
	});
}

function viteDev(): string[] {
	return [
		join(root, 'node_modules/vite/bin/vite.js'),
		'dev',
		'--strictPort',
		'--port',
		String(port),
		'--host',
		host
	];
}

async function waitForPort(): Promise<void> {
	while (!isEnding) {
		const answer = await fetch(`http://${host}:${port}/login`).catch(() => null);
		if (answer) return;
		await sleep(200);
	}
}

async function enrolOnce(url: string, env: NodeJS.ProcessEnv): Promise<void> {
	if (existsSync(join(agentDir, 'agent.json'))) return;
	const code = await makeJoinCode(url);
	const enrol = await startProcess(
		'the enrolment',
		[
			'agent/src/cli.ts',
			'enrol',
			'--server',
			`http://127.0.0.1:${port}`,
			'--code',
			code,
			'--name',
			'demo-vps',
			'--state-dir',
			agentDir,
			'--terminal',
			'simulated',
			'--capacity',
			'20'
		],
		{ env, cwd: root, logFile: join(dataDir, 'logs', 'agent.log') }
	);
	const exitCode = await enrol.exited;
	if (exitCode !== 0) throw new Error(`The agent could not enrol:\n${await enrol.lastWords()}`);
	await approveOwnAgent(url, agentDir);
}

/** As the service on a VPS does: an agent that ends is started again. Its terminals run on meanwhile. */
async function startAgent(env: NodeJS.ProcessEnv): Promise<void> {
	const args = ['agent/src/cli.ts', 'run', '--state-dir', agentDir, '--close-terminals-on-exit'];
	const started = await startProcess('the agent', args, {
		env,
		cwd: root,
		logFile: join(dataDir, 'logs', 'agent.log')
	});
	agent = started;
	void started.exited.then(async (code) => {
		if (isEnding) return;
		say(
			`The agent ended (${code ?? 'killed'}); it is started again in ${RESTART_MS / 1000} s, as a service would.`
		);
		await sleep(RESTART_MS);
		if (!isEnding) await startAgent(env);
	});
}

/** A database that ends is started again on the same port, so that what the server does meanwhile can be seen. */
async function keepPostgres(server: EmbeddedPostgres): Promise<void> {
	const port = Number(new URL(server.url).port);
	await server.exited;
	if (isEnding) return;
	say(`PostgreSQL ended; it is started again in ${RESTART_MS / 1000} s.`);
	await sleep(RESTART_MS);
	if (isEnding) return;
	try {
		postgres = await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres'), port });
		say('PostgreSQL is back.');
		void keepPostgres(postgres);
	} catch (error) {
		console.error(error);
		await end(1);
	}
}

/** Until every account is logged in or refused, so that the first page shows the truth and not "connecting". */
async function waitForLogins(url: string, since: Date): Promise<void> {
	const until = Date.now() + LOGIN_PATIENCE_MS;
	let shown = '';
	while (Date.now() < until && !isEnding) {
		const { settled, total } = await readConnections(url, since);
		const line = `  ${settled} of ${total} terminals have an answer from their broker`;
		if (line !== shown) say((shown = line));
		if (settled === total) return;
		await sleep(300);
	}
}

async function onWebExit(code: number | null): Promise<void> {
	if (isEnding || !web) return;
	console.error(
		`\nThe web server ended by itself (${code ?? 'killed'}). Its last lines:\n${await web.lastWords()}`
	);
	await end(1);
}

/** In order: the agent with its terminals, the web server, the database. Asked twice, all at once. */
async function end(exitCode: number): Promise<void> {
	if (isEnding) {
		agent?.kill();
		web?.kill();
		await killTerminals(agentDir);
		if (postgres) process.kill(postgres.pid, 'SIGQUIT');
		if (ownsDataDir) await rm(pidFile, { force: true });
		process.exit(130);
	}
	isEnding = true;
	if (agent ?? web ?? postgres) say('\nEnding (Ctrl-C again to end at once)…');
	await agent?.end(15_000);
	if (ownsDataDir) await killTerminals(agentDir);
	await web?.end(10_000);
	await postgres?.stop();
	if (ownsDataDir) await rm(pidFile, { force: true });
	process.exit(exitCode);
}
