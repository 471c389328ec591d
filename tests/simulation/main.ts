/**
 * `npm run sim -- --seeds 20000`: the real command core of web and agent in as many simulated worlds, on all
 * cores. Prints every seed that broke an invariant and how to look at it; exits 1 if there is one.
 *
 *   --seeds N            how many worlds (default 1000)    --from N   the first seed (default 1)
 *   --seconds N          stop giving out seeds after so long
 *   --seed N --trace     one world, told line by line       --logs     with the real code's log lines
 *   --weaken deadline|generation|journal   leaves a guard of the agent out: this must be caught
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { WEAKNESSES, type Weakness } from './agentNode.ts';
import { runWorld, type WorldReport } from './world.ts';

const CHUNK = 10;
const MOST_SHOWN = 50;

const { values } = parseArgs({
	options: {
		seeds: { type: 'string', default: '1000' },
		from: { type: 'string', default: '1' },
		seconds: { type: 'string' },
		seed: { type: 'string' },
		trace: { type: 'boolean', default: false },
		logs: { type: 'boolean', default: false },
		weaken: { type: 'string' }
	}
});

const weakness = WEAKNESSES.find((each) => each === values.weaken) ?? null;
if (values.weaken !== undefined && weakness === null) {
	console.error(`--weaken takes one of ${WEAKNESSES.join(', ')}.`);
	process.exit(2);
}
const reports =
	values.seed === undefined
		? await runAll(Number(values.from), Number(values.seeds))
		: [await runOne(Number(values.seed))];
const commands = reports.reduce((sum, report) => sum + report.commands, 0);
const violations = reports.reduce((sum, report) => sum + report.violations.length, 0);
console.log(`${reports.length} seeds, ${commands} commands, ${violations} violations`);
process.exit(violations > 0 ? 1 : 0);

async function runOne(seed: number): Promise<WorldReport> {
	const report = await runWorld({ seed, weakness, keepsLines: values.trace, withLogs: values.logs });
	for (const line of report.lines) console.log(line);
	if (!values.trace) show(report);
	console.log(`digest ${report.digest}`);
	return report;
}

/** Gives seeds out to one thread per core until there are none left, or the time is up. */
async function runAll(from: number, count: number): Promise<WorldReport[]> {
	const endsAtMs = values.seconds === undefined ? Infinity : Date.now() + Number(values.seconds) * 1000;
	const all: WorldReport[] = [];
	let next = from;
	let shown = 0;
	const work = (worker: Worker): Promise<void> =>
		new Promise((resolve, reject) => {
			const give = (): void => {
				const seeds = [];
				while (seeds.length < CHUNK && next < from + count) seeds.push(next++);
				if (seeds.length > 0 && Date.now() < endsAtMs) worker.postMessage(seeds);
				else void worker.terminate().then(() => resolve());
			};
			worker.on('message', (reports: WorldReport[]) => {
				all.push(...reports);
				for (const report of reports) if (report.violations.length > 0 && ++shown <= MOST_SHOWN) show(report);
				give();
			});
			worker.on('error', reject);
			give();
		});
	const threads = Math.min(availableParallelism(), Math.ceil(count / CHUNK));
	const file = new URL('worker.ts', import.meta.url);
	await Promise.all(
		Array.from({ length: threads }, () => work(new Worker(file, { workerData: { weakness } })))
	);
	if (shown > MOST_SHOWN) console.log(`… and ${shown - MOST_SHOWN} more seeds`);
	return all;
}

function show({ seed, violations }: WorldReport): void {
	for (const { invariant, atMs, what } of violations.slice(0, 5))
		console.log(`seed ${seed}: ${invariant} at ${(atMs / 1000).toFixed(1)} s: ${what}`);
	const weaken = weakness === null ? '' : ` --weaken ${weakness satisfies Weakness}`;
	if (violations.length > 0) console.log(`  replay: npm run sim -- --seed ${seed} --trace${weaken}`);
}
