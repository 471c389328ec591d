/**
 * (h) One machine with 50 simulated terminals, each a process, under one real agent process; all their EAs run, and
 * 500 other agents send telemetry. What the agent itself costs, and how long a press of Stop takes until "algo off" is
 * proven on all five accounts of a trader. The floor of the Stop is the same three steps on bare terminals of the same
 * kind in the same run, without web, line, journal and supervisor; the floor of the agent is a process that does
 * nothing but read the 50 statuses once a second and send them on.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RUNGS } from '#lib/domain/ladder.ts';
import type { AccountListView, CommandView } from '#lib/domain/views.ts';
import { openBareTerminals, type BareTerminals } from './bareTerminals.ts';
import { residentMb, startChild, type Child } from './child.ts';
import type { Bench } from './environment.ts';
import { quantile, row, type Row } from './report.ts';

const TERMINALS = 50;
const ACCOUNTS = 5;
const NOISY_AGENTS = 500;
const ROUNDS = 3;
const QUIET_MS = 15_000;
const SCENARIO = 'fifty-terminals';

export async function fiftyTerminals(bench: Bench): Promise<Row[]> {
	await bench.restartWeb();
	const machine = await bench.makeAgents(1);
	const cookies: string[] = [];
	for (let i = 0; i < TERMINALS / ACCOUNTS; i++)
		cookies.push((await bench.makeTrader(ACCOUNTS, machine)).cookie);
	const agent = startChild('poolAgent.ts', { QUINTET_BENCH_DIR: bench.dir });
	const lines = startChild('lineAgents.ts');
	const bare = await openBareTerminals(join(bench.dir, 'bare'), ACCOUNTS);
	try {
		const { origin, serverKey } = bench;
		await agent.call('start', { origin, serverKey, agent: machine[0] });
		await Promise.all([bare.start(), ...cookies.map((cookie) => untilSeen(bench, cookie, 'stopped'))]);
		await makeNoise(bench, lines);
		await startAll(bench, cookies);
		const rows = await costOf(bench, agent);
		const [stops, bareStops] = await measureStops(bench, cookies, bare);
		rows.push(
			row(
				SCENARIO,
				'Stop until algo off is proven, median',
				'ms',
				quantile(stops, 0.5),
				quantile(bareStops, 0.5)
			),
			row(
				SCENARIO,
				'Stop until algo off is proven, p95',
				'ms',
				quantile(stops, 0.95),
				quantile(bareStops, 0.95)
			)
		);
		return rows;
	} finally {
		await agent.call('end').catch(() => undefined);
		await Promise.all([agent.end(), lines.end(), bare.end()]);
	}
}

async function makeNoise(bench: Bench, lines: Child): Promise<void> {
	const agents = [];
	for (let i = 0; i < NOISY_AGENTS / ACCOUNTS; i++) agents.push(...(await bench.makeTrader(ACCOUNTS)).agents);
	await lines.call('connect', { url: `${bench.origin.replace('http', 'ws')}/agent/v1`, agents });
	const ladder = Object.fromEntries(RUNGS.map((rung) => [rung, 'yes']));
	const seen = {
		algo: 'running',
		connection: 'connected',
		ladder,
		generation: 1,
		activity: null,
		fault: null
	};
	await lines.call('telemetry', { state: seen });
}

/** Of the agent's process alone, while all its EAs run and nobody presses anything. */
async function costOf(bench: Bench, agent: Child): Promise<Row[]> {
	const watcher = startChild('bareWatcher.ts');
	try {
		const instances = join(bench.dir, 'pool-agent', 'instances');
		await watcher.call('start', instances);
		await sleep(3_000);
		const before = [await agent.call<number>('cpuMs'), await watcher.call<number>('cpuMs')] as const;
		const startedAt = performance.now();
		await sleep(QUIET_MS);
		const seconds = (performance.now() - startedAt) / 1000;
		const percent = (fromMs: number, toMs: number) => (toMs - fromMs) / seconds / 10;
		const cpu = percent(before[0], await agent.call<number>('cpuMs'));
		const bareCpu = percent(before[1], await watcher.call<number>('cpuMs'));
		return [
			row(SCENARIO, 'agent, processor', '% of a core', cpu, bareCpu),
			row(SCENARIO, 'agent, memory', 'MiB', await residentMb(agent.pid), await residentMb(watcher.pid))
		];
	} finally {
		await watcher.end();
	}
}

async function measureStops(
	bench: Bench,
	cookies: readonly string[],
	bare: BareTerminals
): Promise<[number[], number[]]> {
	const samples: [number[], number[]] = [[], []];
	for (let round = 0; round < ROUNDS; round++) {
		if (round > 0) await startAll(bench, cookies);
		for (const cookie of cookies) {
			const startedAt = performance.now();
			await press(bench, cookie, 'stop_ea');
			samples[0].push(performance.now() - startedAt);
		}
		for (let i = 0; i < cookies.length; i++) {
			await bare.loadEas();
			samples[1].push(await bare.stop());
		}
	}
	return samples;
}

const startAll = (bench: Bench, cookies: readonly string[]) =>
	Promise.all(cookies.map((cookie) => press(bench, cookie, 'start_ea')));

/** @throws when it is not proven on every account */
async function press(bench: Bench, cookie: string, command: 'start_ea' | 'stop_ea'): Promise<void> {
	const response = await fetch(`${bench.origin}/api/user/ea/command`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', cookie },
		body: JSON.stringify({ command })
	});
	const view = (await response.json()) as CommandView;
	if (command === 'start_ea' && view.pendingAccounts > 0) return untilSeen(bench, cookie, 'running');
	if (view.successfulAccounts !== ACCOUNTS)
		throw new Error(`${command} gave ${JSON.stringify(view).slice(0, 1500)}`);
}

async function untilSeen(bench: Bench, cookie: string, state: string): Promise<void> {
	for (let i = 0; i < 600; i++) {
		const response = await fetch(`${bench.origin}/api/user/mt5-accounts`, { headers: { cookie } });
		const { accounts } = (await response.json()) as AccountListView;
		if (accounts.every((account) => account.state === state)) return;
		await sleep(300);
	}
	throw new Error(`the fifty terminals were never all ${state}`);
}
