/**
 * What `npm run demo`, `npm test` and the like start with: plain JavaScript without imports of ours, so that it
 * runs on Node 20 in a fresh clone. It installs what is missing, then runs the given script on the project's
 * own Node, and hands Ctrl-C on to it once, however often npm and the terminal send it.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [script, ...args] = process.argv.slice(2);
const windows = process.platform === 'win32';

if (!script) {
	console.error('usage: node scripts/bootstrap.mjs SCRIPT [ARGUMENT…]');
	process.exit(2);
}
if (Number(process.versions.node.split('.')[0]) < 20) {
	console.error(`Quintet needs Node 20 or newer to begin with; this is ${process.version}.`);
	process.exit(1);
}
process.chdir(root);
await installIfNeeded();
await generateIfNeeded();
await runScript();

// @ts-nocheck: runs before anything is installed, types included.
/** Installs when package-lock.json is not the one that node_modules was made from. */
async function installIfNeeded() {
	const stamp = join(root, 'node_modules', '.quintet-lock');
	const wanted = digest('package-lock.json');
	if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
	console.log('Installing packages. The first time takes a minute or two…');
	const startedAt = Date.now();
	const ticker = setInterval(
		() => console.log(`  still installing, ${Math.round((Date.now() - startedAt) / 1000)} s`),
		15_000
	);
	try {
		await run(windows ? 'npm.cmd' : 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
	} finally {
		clearInterval(ticker);
	}
	writeFileSync(stamp, wanted);
	// Its `prepare` generated the database client too.
	writeFileSync(join(root, 'node_modules', '.quintet-schema'), digest('prisma/schema.prisma'));
	console.log(`Packages installed in ${Math.round((Date.now() - startedAt) / 1000)} s.`);
}

/** `npm ci` generates the database client; a changed schema asks for it again. */
async function generateIfNeeded() {
	const stamp = join(root, 'node_modules', '.quintet-schema');
	const wanted = digest('prisma/schema.prisma');
	const client = join(root, 'src', 'lib', 'server', 'generated', 'prisma', 'client.ts');
	const isFresh = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
	if (isFresh && existsSync(client) && existsSync(join(root, '.svelte-kit', 'tsconfig.json'))) return;
	await run(windows ? 'npm.cmd' : 'npm', ['run', '--silent', 'prepare'], 'ignore');
	writeFileSync(stamp, wanted);
}

async function runScript() {
	const own = join(root, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node');
	const child = spawn(existsSync(own) ? own : process.execPath, [script, ...args], {
		cwd: root,
		env: environment(),
		// Its own process group: the terminal's Ctrl-C comes through us, once.
		detached: !windows,
		stdio: ['ignore', 'inherit', 'inherit', 'ipc']
	});
	// npm was ended without a word to us: nobody waits for what we started.
	const parent = process.ppid;
	const orphanWatch = setInterval(() => {
		if (process.ppid === parent) return;
		clearInterval(orphanWatch);
		// After a Ctrl-C the child is ending already; a second signal would end it by force.
		if (lastSignalAt === 0) child.kill('SIGTERM');
	}, 500);
	let lastSignalAt = 0;
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
		process.on(signal, () => {
			if (Date.now() - lastSignalAt < 400) return;
			lastSignalAt = Date.now();
			child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
		});
	}
	child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}

function environment() {
	const bin = join(root, 'node_modules', '.bin');
	const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
	return { ...process.env, [name]: `${bin}${delimiter}${process.env[name] ?? ''}` };
}

function digest(path) {
	return createHash('sha256')
		.update(readFileSync(join(root, path)))
		.digest('hex');
}

function run(command, parameters, stdout = 'inherit') {
	return new Promise((done) => {
		const child = spawn(command, parameters, {
			cwd: root,
			env: environment(),
			stdio: ['ignore', stdout, 'inherit'],
			shell: windows
		});
		for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
		child.on('error', (error) => {
			console.error(`${command} could not be started: ${error.message}`);
			process.exit(1);
		});
		child.on('exit', (code) => {
			if (code === 0) return done();
			console.error(`\`${command} ${parameters.join(' ')}\` failed with ${code}. What it said stands above.`);
			process.exit(code ?? 1);
		});
	});
}
