/**
 * `npm run bench`: every figure beside its floor, in one run. `-- NAME…` runs these scenarios alone, `-- --json FILE`
 * writes the rows as JSON. Later work compares against these figures: keep the scenarios as they are.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { aggregate } from './aggregate.ts';
import { connections } from './connections.ts';
import { dashboard } from './dashboard.ts';
import { dealPages } from './dealPages.ts';
import { openBench, type Bench } from './environment.ts';
import { fanOut } from './fanOut.ts';
import { ingest } from './ingest.ts';
import { reads } from './reads.ts';
import { fiftyTerminals } from './fiftyTerminals.ts';
import { lostAgent } from './lostAgent.ts';
import { reconnect } from './reconnect.ts';
import { stopAll } from './stopAll.ts';
import { telemetry } from './telemetry.ts';
import { formatTable, type Row } from './report.ts';

const SCENARIOS: Record<string, (bench: Bench) => Promise<Row[]>> = {
	'fan-out': fanOut,
	'stop-all': stopAll,
	connections,
	reconnect,
	'lost-agent': lostAgent,
	'fifty-terminals': fiftyTerminals,
	reads,
	dashboard,
	aggregate,
	'deal-pages': dealPages,
	ingest,
	telemetry
};

const { values, positionals } = parseArgs({
	options: { json: { type: 'string' }, only: { type: 'string', multiple: true } },
	allowPositionals: true
});
const wanted = [...positionals, ...(values.only ?? [])];
const unknown = wanted.filter((name) => !Object.hasOwn(SCENARIOS, name));
if (unknown.length > 0) {
	console.error(
		`There is no scenario ${unknown.join(', ')}; there are: ${Object.keys(SCENARIOS).join(', ')}.`
	);
	process.exit(2);
}
const names = Object.keys(SCENARIOS).filter((name) => wanted.length === 0 || wanted.includes(name));

const bench = await openBench();
const rows: Row[] = [];
// Ended early, the bench leaves no server behind.
for (const signal of ['SIGINT', 'SIGTERM', 'disconnect'] as const)
	process.on(signal, () => void bench.close().finally(() => process.exit(130)));
try {
	for (const name of names) {
		console.error(`measuring ${name}…`);
		rows.push(...((await SCENARIOS[name]?.(bench)) ?? []));
	}
} finally {
	await bench.close();
}
console.log(formatTable(rows));
if (values.json) await writeFile(values.json, `${JSON.stringify(rows, null, 2)}\n`);
process.exit(0);
