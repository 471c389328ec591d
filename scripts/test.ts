/**
 * `npm test`: types, lint, formatting, unit, integration, fault and browser tests, one after the other, and one
 * summary. Each step's output goes to the terminal as it comes; the checks, which work on one core each, run two at a
 * time and show theirs at their end.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfNeeded } from './build.ts';

interface Count {
	passed: number;
	failed: number;
	skipped: number;
	/** Name and message of each failed test: said once more at the end, where a reader of the tail finds them. */
	failures?: string[];
	/** What a step that shows it at its end had to say. */
	output?: string;
}

interface Step {
	name: string;
	isOnlyOnDemand?: boolean;
	/** Stands for itself, and works on one core. */
	isCheck?: boolean;
	run: () => Promise<Count>;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name: string, path: string) => join(root, 'node_modules', name, path);
const reports = await mkdtemp(join(tmpdir(), 'quintet-reports-'));

const vitest = bin('vitest', 'vitest.mjs');
const STEPS: Step[] = [
	{ name: 'sync', run: () => single([bin('@sveltejs/kit', 'svelte-kit.js'), 'sync']) },
	{
		name: 'types of the pages and the server',
		isCheck: true,
		run: () =>
			single([bin('svelte-check', 'bin/svelte-check'), '--tsconfig', './tsconfig.json', '--fail-on-warnings'])
	},
	{
		name: 'types of the agent, the scripts and the tests',
		isCheck: true,
		run: () => single([bin('typescript', 'bin/tsc'), '-p', 'tsconfig.node.json'])
	},
	{
		name: 'lint and import rules',
		isCheck: true,
		run: () => single([bin('eslint', 'bin/eslint.js'), '.', '--max-warnings=0'])
	},
	{
		name: 'formatting',
		isCheck: true,
		run: () => single([bin('prettier', 'bin/prettier.cjs'), '--check', '--log-level=warn', '.'])
	},
	{ name: 'supply chain', isCheck: true, run: () => single([join(root, 'scripts', 'checkSupplyChain.ts')]) },
	{ name: 'unit tests', run: () => vitestProject('unit') },
	{
		name: 'build',
		run: async () => {
			await buildIfNeeded(console.log);
			return { passed: 1, failed: 0, skipped: 0 };
		}
	},
	{ name: 'integration tests', run: () => vitestProject('integration') },
	{ name: 'simulation', run: simulation },
	{ name: 'fault tests', run: () => vitestProject('faults') },
	{ name: 'browser tests', run: playwright },
	{ name: 'conformance', isOnlyOnDemand: true, run: conformance },
	{ name: 'fifty terminals', isOnlyOnDemand: true, run: () => vitestProject('fifty') },
	{ name: 'nodes on Redis', isOnlyOnDemand: true, run: nodesOnRedis },
	{ name: 'Windows under Wine', isOnlyOnDemand: true, run: windowsUnderWine }
];

const total: Count = { passed: 0, failed: 0, skipped: 0 };
const lines: string[] = [];
const failures: string[] = [];
const only = process.argv.slice(2);
const chosen = STEPS.filter(
	({ name, isOnlyOnDemand }) =>
		only.some((word) => name.includes(word)) || (only.length === 0 && !isOnlyOnDemand)
);
for (let next = 0; next < chosen.length;) {
	let end = next;
	while (chosen[end]?.isCheck) end += 1;
	if (end > next) await runChecks(chosen.slice(next, end));
	else await runStep(chosen[end++]);
	next = end;
}
await rm(reports, { recursive: true, force: true });
for (const failure of failures) console.log(`\nFAILED  ${failure}`);
console.log(`\n── summary ──\n${lines.join('\n')}\n`);
console.log(
	`${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}`
);
process.exit(total.failed > 0 || total.passed + total.skipped === 0 ? 1 : 0);

async function runStep(step: Step | undefined): Promise<void> {
	if (!step) return;
	if (!step.isCheck) console.log(`\n── ${step.name} ──`);
	const startedAt = Date.now();
	const count = await step.run().catch((error: unknown): Count => {
		console.error(error);
		return { passed: 0, failed: 1, skipped: 0 };
	});
	if (step.isCheck) console.log(`\n── ${step.name} ──`);
	if (count.output) console.log(count.output);
	total.passed += count.passed;
	total.failed += count.failed;
	total.skipped += count.skipped;
	failures.push(...(count.failures ?? []));
	const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
	lines.push(
		`${count.failed ? 'FAILED' : 'ok    '}  ${step.name}: ${count.passed} passed, ${count.failed} failed (${seconds} s)`
	);
}

async function runChecks(steps: Step[]): Promise<void> {
	const waiting = [...steps];
	const work = async (): Promise<void> => {
		for (let step = waiting.shift(); step; step = waiting.shift()) await runStep(step);
	};
	await Promise.all([work(), work()]);
}

function run(args: string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
	return new Promise((done) => {
		const child = spawn(process.execPath, args, {
			cwd: root,
			env: { ...process.env, ...env },
			stdio: ['ignore', 'inherit', 'inherit']
		});
		child.once('exit', (code) => done(code ?? 1));
	});
}

/** A step that passes or fails as a whole. */
function single(args: string[]): Promise<Count> {
	return new Promise((done) => {
		const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
		let output = '';
		for (const stream of [child.stdout, child.stderr])
			stream.setEncoding('utf8').on('data', (text: string) => (output += text));
		child.once('close', (code) =>
			done({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0, output })
		);
	});
}

async function vitestProject(project: string, files: string[] = []): Promise<Count> {
	const file = join(reports, `${project}.json`);
	const code = await run([
		vitest,
		'run',
		...files,
		'--project',
		project,
		'--reporter=default',
		'--reporter=json',
		`--outputFile.json=${file}`
	]);
	const report = JSON.parse(await readFile(file, 'utf8')) as {
		numPassedTests: number;
		numFailedTests: number;
		numPendingTests: number;
		testResults: {
			message: string;
			assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
		}[];
	};
	const failures = report.testResults.flatMap(({ message, assertionResults }) => [
		...(message === '' ? [] : [message]),
		...assertionResults
			.filter(({ status }) => status === 'failed')
			.map(({ fullName, failureMessages }) => `${fullName}\n${failureMessages.join('\n')}`)
	]);
	if (code !== 0 && failures.length === 0)
		failures.push(
			`${project}: no test failed, but vitest ended with ${code}: an error that no test caught, above`
		);
	// A file that could not even be loaded counts no test, and fails the run all the same.
	const failed = Math.max(report.numFailedTests, code === 0 ? 0 : 1);
	return { passed: report.numPassedTests, failed, skipped: report.numPendingTests, failures };
}

/** Several server processes on one Redis; a bare machine has none, so `npm test` runs them in one process instead. */
async function nodesOnRedis(): Promise<Count> {
	const isInstalled = spawnSync('redis-server', ['--version']).status === 0;
	if (isInstalled || process.env['REDIS_URL']) return vitestProject('nodes');
	console.error(
		'These tests need Redis: put redis-server on the PATH (Debian: apt-get install redis-server), or set REDIS_URL to one they may use.'
	);
	return { passed: 0, failed: 1, skipped: 0, failures: ['nodes on Redis: there is no redis-server here'] };
}

/**
 * The agent's Windows half, in a Debian root with Wine. Where that cannot be had, it says so: then nothing of that
 * half was tried.
 */
async function windowsUnderWine(): Promise<Count> {
	const { fetchWine, whyNoWine } = await import('../tests/windows/support/wineRoot.ts');
	const reason =
		(await whyNoWine()) ??
		(await fetchWine(console.log).then(
			() => null,
			(error: Error) => `it could not be fetched: ${error.message}`
		));
	if (reason === null) return vitestProject('windows');
	console.error(`\nSKIPPED: every test of the agent on Windows, since there is no Wine here: ${reason}\n`);
	return { passed: 0, failed: 0, skipped: 1 };
}

/** The bridge contract on the simulator, and on the MQL5 bridge itself, which a C++ compiler must build first. */
async function conformance(): Promise<Count> {
	if (spawnSync('g++', ['--version']).status === 0) return vitestProject('conformance');
	console.error(
		'\nLEFT OUT: the MQL5 bridge was not compiled and not run, because there is no g++ here (Debian: apt-get install g++).\n'
	);
	const count = await vitestProject('conformance', ['tests/conformance/bridge.test.ts']);
	return { ...count, skipped: count.skipped + 1 };
}

/** Past bad seeds and the weakened variants, then five hundred worlds. */
async function simulation(): Promise<Count> {
	const count = await vitestProject('simulation');
	const code = await run([join(root, 'tests/simulation/main.ts'), '--seeds', '500']);
	if (code === 0) return { ...count, passed: count.passed + 1 };
	const failures = [
		...(count.failures ?? []),
		'the simulation broke an invariant: its output names the seed'
	];
	return { ...count, failed: count.failed + 1, failures };
}

async function playwright(): Promise<Count> {
	const file = join(reports, 'browser.json');
	const code = await run([bin('@playwright/test', 'cli.js'), 'test', '--reporter=list,json'], {
		PLAYWRIGHT_JSON_OUTPUT_FILE: file
	});
	const { stats } = JSON.parse(await readFile(file, 'utf8')) as {
		stats: { expected: number; unexpected: number; flaky: number; skipped: number };
	};
	const failed = Math.max(stats.unexpected + stats.flaky, code === 0 ? 0 : 1);
	return { passed: stats.expected, failed, skipped: stats.skipped };
}
