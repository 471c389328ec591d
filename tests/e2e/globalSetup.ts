/**
 * Starts `npm run demo`'s program once for each worker, each on a data directory of its own, and ends them with Ctrl-C
 * afterwards: what a test does to its demo, no other worker's test sees.
 */
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { request, type FullConfig } from '@playwright/test';
import { buildIfNeeded } from '../../scripts/build.ts';
import type { AccountListView } from '../../src/lib/domain/views.ts';
import { portToKeep } from '../support/portToKeep.ts';
import { waitFor } from '../support/waitFor.ts';
import { tellWorkers, type OwnDemo } from './ownDemo.ts';
import { DEMO } from './person.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export default async function globalSetup({ workers }: FullConfig): Promise<() => Promise<void>> {
	// Once, and not by every demo at the same time.
	await buildIfNeeded(console.log);
	const demos = await Promise.all(Array.from({ length: workers }, startDemo));
	tellWorkers(demos);
	return async () => {
		await Promise.all(demos.map(({ end }) => end()));
	};
}

async function startDemo(): Promise<OwnDemo & { end: () => Promise<void> }> {
	const dataDir = await mkdtemp(join(tmpdir(), 'quintet-e2e-'));
	// PostgreSQL runs as another user when we are root, and must be let through.
	await chmod(dataDir, 0o755);
	const port = await portToKeep();
	const demo = spawn(process.execPath, ['scripts/demo/main.ts'], {
		cwd: root,
		env: {
			...process.env,
			PORT: String(port),
			QUINTET_DATA_DIR: dataDir,
			QUINTET_LOGINS_PER_MINUTE: '1000',
			QUINTET_LOG_LEVEL: 'trace'
		},
		stdio: ['ignore', 'pipe', 'pipe', 'ipc']
	});
	let output = '';
	for (const stream of [demo.stdout, demo.stderr])
		stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
	const origin = await new Promise<string>((done, fail) => {
		demo.stdout?.on('data', () => {
			const [, address] = /Quintet is ready at (\S+)/.exec(output) ?? [];
			if (address) done(address);
		});
		demo.once('exit', (code) => fail(new Error(`the demo ended with ${code}:\n${output}`)));
	});
	await everyAccountAnswers(origin);
	return {
		origin,
		dataDir,
		async end() {
			if (demo.exitCode === null && demo.signalCode === null) {
				const ended = new Promise((done) => demo.once('exit', done));
				demo.kill('SIGINT');
				await ended;
			}
			await rm(dataDir, { recursive: true, force: true });
		}
	};
}

/** On a slow machine the demo calls itself ready before: a Start would then reach terminals that are not up yet. */
async function everyAccountAnswers(origin: string): Promise<void> {
	const trader = await request.newContext({ baseURL: origin });
	await trader.post('/api/auth/login', { data: DEMO });
	await waitFor(
		'every account of the demo to be connected or refused',
		async () => {
			const answer = await trader.get('/api/user/mt5-accounts');
			const { accounts } = (await answer.json()) as AccountListView;
			return accounts.every(({ connection }) => ['connected', 'login_refused'].includes(connection));
		},
		{ timeoutMs: 240_000 }
	);
	await trader.dispose();
}
