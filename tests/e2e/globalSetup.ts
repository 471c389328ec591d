/**
 * Starts `npm run demo`'s program once for each worker, each on a data directory of its own, and ends them with Ctrl-C
 * afterwards: what a test does to its demo, no other worker's test sees.
 */
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FullConfig } from '@playwright/test';
import { buildIfNeeded } from '../../scripts/build.ts';
import { freePort } from '../../src/lib/server/embeddedPostgres.ts';
import { tellWorkers, type OwnDemo } from './ownDemo.ts';

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
	const port = await freePort();
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
	return {
		origin,
		dataDir,
		async end() {
			const ended = new Promise((done) => demo.once('exit', done));
			demo.kill('SIGINT');
			await ended;
			await rm(dataDir, { recursive: true, force: true });
		}
	};
}
