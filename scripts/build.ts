/** Builds the web server when its sources are newer than the last build. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'build', '.sources');

function digestOfSources(): string {
	const files = globSync(
		[
			'src/**/*',
			'static/**/*',
			'svelte.config.js',
			'vite.config.ts',
			'scripts/pageChunks.ts',
			'package-lock.json'
		],
		{
			cwd: root,
			withFileTypes: true
		}
	)
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name))
		.sort();
	const hash = createHash('sha256');
	for (const file of files) hash.update(file).update(readFileSync(file));
	return hash.digest('hex');
}

/** @throws Error with the builder's own words when it fails */
export async function buildIfNeeded(say: (line: string) => void): Promise<void> {
	const wanted = digestOfSources();
	if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
	say('Building the pages…');
	const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
	const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'error'], {
		cwd: root,
		// Test runners say "test", and Vite would put the development halves of the libraries into the pages.
		env: { ...process.env, NODE_ENV: 'production' },
		stdio: ['ignore', 'pipe', 'pipe']
	});
	let output = '';
	for (const stream of [child.stdout, child.stderr])
		stream.setEncoding('utf8').on('data', (text: string) => (output += text));
	const code = await new Promise<number | null>((done) => child.once('exit', done));
	if (code !== 0) throw new Error(`The build failed:\n${output.slice(-4000)}`);
	writeFileSync(stamp, wanted);
}

if (import.meta.main) await buildIfNeeded(console.log);
