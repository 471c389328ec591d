/** (d) Reading: the accounts as JSON and the dashboard as a page, against a bare HTTP server with the same bytes. */
import autocannon from 'autocannon';
import { startChild } from './child.ts';
import type { Bench } from './environment.ts';
import { row, type Row } from './report.ts';

const SECONDS = 8;
const CONNECTIONS = 10;

export async function reads(bench: Bench): Promise<Row[]> {
	const trader = await bench.makeTrader(5);
	const headers = { cookie: trader.cookie };
	const rows: Row[] = [];
	const bare = startChild('bareHttp.ts', { DATABASE_URL: bench.databaseUrl });
	for (const [scenario, path] of [
		['read-accounts', '/api/user/mt5-accounts'],
		['read-dashboard', '/dashboard']
	] as const) {
		const sample = await fetch(`${bench.origin}${path}`, { headers });
		if (sample.status !== 200) throw new Error(`${path} answered ${sample.status}`);
		const body = await sample.text();
		const type = sample.headers.get('content-type') ?? '';
		const port = await bare.call<number>('serve', { body, type, userId: trader.userId });
		const measured = await load(`${bench.origin}${path}`, headers);
		const floor = await load(`http://127.0.0.1:${port}/`, headers);
		rows.push(
			row(scenario, 'requests per second', '1/s', measured.rate, floor.rate, { isMoreBetter: true }),
			row(scenario, 'p99', 'ms', measured.p99Ms, floor.p99Ms)
		);
	}
	await bare.end();
	return rows;
}

async function load(url: string, headers: Record<string, string>): Promise<{ rate: number; p99Ms: number }> {
	await autocannon({ url, headers, connections: CONNECTIONS, duration: 2 });
	const result = await autocannon({ url, headers, connections: CONNECTIONS, duration: SECONDS });
	if (result.non2xx > 0 || result.errors > 0)
		throw new Error(`${url}: ${result.non2xx} refusals, ${result.errors} errors`);
	return { rate: result.requests.average, p99Ms: result.latency.p99 };
}
