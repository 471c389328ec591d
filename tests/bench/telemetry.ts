/**
 * (k) 1,000 agents tell figures of 10 accounts each, once a second, while 200 browsers look at 5 accounts each: processor
 * time of the server, and how old an update is when it reaches a browser. The floor is the same frames on a bare `ws`
 * server that parses them and forgets them.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { RUNGS } from '#lib/domain/ladder.ts';
import { startChild } from './child.ts';
import type { Bench, BenchAgent } from './environment.ts';
import { quantile, row, type Row } from './report.ts';

const AGENTS = 1_000;
const ACCOUNTS_PER_AGENT = 10;
const ACCOUNTS_PER_TRADER = 5;
const BROWSERS = 200;
const SETTLE_MS = 5_000;
const MEASURE_MS = 20_000;
const SCENARIO = 'telemetry-1000x10';

export async function telemetry(bench: Bench): Promise<Row[]> {
	await bench.restartWeb();
	const agents = await bench.makeAgents(AGENTS);
	const cookies = await makeTraders(bench, agents);
	const lines = startChild('telemetryAgents.ts');
	const browsers = startChild('watchingBrowsers.ts');
	await lines.call('connect', { url: `${bench.origin.replace('http', 'ws')}/agent/v1`, agents });
	await browsers.call('open', { url: `${bench.origin}/api/stream`, cookies: cookies.slice(0, BROWSERS) });
	await lines.call('start', { state: STATE });
	await sleep(SETTLE_MS);
	await browsers.call('begin');
	const measured = await load(lines, bench.webPid());
	const { agesMs, bytes } = await browsers.call<{ agesMs: number[]; bytes: number }>('ages');
	await Promise.all([lines.end(), browsers.end()]);

	const server = startChild('parsingServer.ts');
	const bareLines = startChild('telemetryAgents.ts');
	const port = await server.call<number>('listen');
	const url = `ws://127.0.0.1:${port}`;
	await bareLines.call('connectBare', { url, count: AGENTS, accounts: ACCOUNTS_PER_AGENT });
	await bareLines.call('start', { state: STATE });
	await sleep(SETTLE_MS);
	const bare = await load(bareLines, server.pid);
	await Promise.all([bareLines.end(), server.end()]);

	const [perUpdate, perBareUpdate] = [measured, bare].map(({ cpuMs, updates }) => (cpuMs * 1_000) / updates);
	return [
		row(SCENARIO, 'updates handled', '1/s', measured.rate, bare.rate, { isMoreBetter: true }),
		row(SCENARIO, 'processor time of the server', '%', measured.cpuPercent, bare.cpuPercent),
		row(SCENARIO, 'processor time per update', 'µs', perUpdate ?? NaN, perBareUpdate ?? NaN),
		row(SCENARIO, 'updates that reached browsers', '1/s', agesMs.length / measured.seconds),
		row(SCENARIO, 'sent to browsers', 'KiB/s', bytes / 1024 / measured.seconds),
		row(SCENARIO, 'age in the browser, p50', 'ms', quantile(agesMs, 0.5)),
		row(SCENARIO, 'age in the browser, p95', 'ms', quantile(agesMs, 0.95)),
		row(SCENARIO, 'age in the browser, worst', 'ms', quantile(agesMs, 1))
	];
}

interface Load {
	updates: number;
	seconds: number;
	rate: number;
	cpuMs: number;
	cpuPercent: number;
}

async function load(lines: ReturnType<typeof startChild>, pid: number): Promise<Load> {
	const before = await lines.call<number>('handled');
	const cpuBefore = await cpuMsOf(pid);
	const startedAt = performance.now();
	await sleep(MEASURE_MS);
	await lines.call('stop');
	// What a slow server has not read yet is work that it still has to do.
	const updates = (await lines.call<number>('handled')) - before;
	const seconds = (performance.now() - startedAt) / 1_000;
	const cpuMs = (await cpuMsOf(pid)) - cpuBefore;
	return { updates, seconds, rate: updates / seconds, cpuMs, cpuPercent: cpuMs / seconds / 10 };
}

/** User and system time of a process, as Linux counts it in ticks of 10 ms. */
async function cpuMsOf(pid: number): Promise<number> {
	const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Each trader's accounts lie on five agents that come after each other. @returns their cookies */
async function makeTraders(bench: Bench, agents: readonly BenchAgent[]): Promise<string[]> {
	const cookies: string[] = [];
	const count = (AGENTS * ACCOUNTS_PER_AGENT) / ACCOUNTS_PER_TRADER;
	for (let i = 0; i < count; i++) {
		const first = (i * ACCOUNTS_PER_TRADER) % AGENTS;
		const trader = await bench.makeTrader(
			ACCOUNTS_PER_TRADER,
			agents.slice(first, first + ACCOUNTS_PER_TRADER)
		);
		cookies.push(trader.cookie);
	}
	return cookies;
}

const STATE = {
	algo: 'running',
	connection: 'connected',
	ladder: Object.fromEntries(RUNGS.map((rung) => [rung, 'yes'])),
	generation: 1,
	activity: null,
	fault: null
};
