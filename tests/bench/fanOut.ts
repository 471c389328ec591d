/**
 * (a) POST command → all five results, with instant terminals, and (c) the same while 1,000 other agents send
 * telemetry once a second. The floor is a bare `http` server that asks for session and accounts, writes the same rows in
 * the same commits by hand with `pg`, and asks five sockets whose peers make the same synced journal writes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AccountListView, CommandView } from '#lib/domain/views.ts';
import { startChild, type Child } from './child.ts';
import type { Bench } from './environment.ts';
import { openFloor } from './fanOutFloor.ts';
import { quantile, row, type Row } from './report.ts';
import { SEEN_RUNNING } from './seenRunning.ts';

const ACCOUNTS = 5;
const WARM_UP = 30;
const ROUNDS = 200;
const NOISY_AGENTS = 1_000;
const KINDS = ['start_ea', 'pause_ea', 'stop_ea'] as const;

export async function fanOut(bench: Bench): Promise<Row[]> {
	await bench.restartWeb();
	const trader = await bench.makeTrader(ACCOUNTS);
	const agents = startChild('instantAgents.ts', { QUINTET_BENCH_DIR: bench.dir });
	const list = await fetch(`${bench.origin}/api/user/mt5-accounts`, { headers: { cookie: trader.cookie } });
	const { accounts } = (await list.json()) as AccountListView;
	await agents.call('start', {
		origin: bench.origin,
		serverKey: bench.serverKey,
		agents: trader.agents,
		accounts: accounts.map(({ id, accountNumber, serverName }) => ({
			accountId: id,
			accountNumber,
			serverName
		})),
		settings: accounts[0]?.settings
	});
	await waitUntilConnected(bench, trader.cookie);
	const floor = await openFloor(bench, trader);
	const rows: Row[] = [];
	try {
		const [measured, bare] = await alternate(
			() => press(bench, trader.cookie),
			() => floor.round()
		);
		rows.push(...rowsOf('fan-out-5', measured, bare));
		rows.push(...(await underTelemetry(bench, trader.cookie, floor)));
	} finally {
		await floor.close();
		await agents.end();
	}
	return rows;
}

type Floor = Awaited<ReturnType<typeof openFloor>>;

async function underTelemetry(bench: Bench, cookie: string, floor: Floor): Promise<Row[]> {
	const lines: Child = startChild('lineAgents.ts');
	try {
		const noisy: Awaited<ReturnType<Bench['makeTrader']>>[] = [];
		for (let i = 0; i < NOISY_AGENTS / ACCOUNTS; i++) noisy.push(await bench.makeTrader(ACCOUNTS));
		const agents = noisy.flatMap((trader) => trader.agents);
		await lines.call('connect', { url: `${bench.origin.replace('http', 'ws')}/agent/v1`, agents });
		await lines.call('telemetry', { state: SEEN_RUNNING });
		await sleep(3_000);
		const framesBefore = await lines.call<number>('framesSent');
		const startedAt = performance.now();
		const [measured, bare] = await alternate(
			() => press(bench, cookie),
			() => floor.round()
		);
		const seconds = (performance.now() - startedAt) / 1000;
		const frames = (await lines.call<number>('framesSent')) - framesBefore;
		return [
			...rowsOf('fan-out-5-under-telemetry', measured, bare),
			row('fan-out-5-under-telemetry', 'telemetry frames handled meanwhile', '1/s', frames / seconds)
		];
	} finally {
		await lines.end();
	}
}

/** Measured and floor take turns, so that both meet the same moods of the machine. */
async function alternate(
	work: () => Promise<void>,
	floor: () => Promise<void>
): Promise<[number[], number[]]> {
	const samples: [number[], number[]] = [[], []];
	for (let i = -WARM_UP; i < ROUNDS; i++) {
		const workMs = await timed(work);
		const floorMs = await timed(floor);
		if (i < 0) continue;
		samples[0].push(workMs);
		samples[1].push(floorMs);
	}
	return samples;
}

async function timed(work: () => Promise<void>): Promise<number> {
	const startedAt = performance.now();
	await work();
	return performance.now() - startedAt;
}

function rowsOf(scenario: string, measured: number[], floor: number[]): Row[] {
	return [
		row(scenario, 'median', 'ms', quantile(measured, 0.5), quantile(floor, 0.5)),
		row(scenario, 'p95', 'ms', quantile(measured, 0.95), quantile(floor, 0.95))
	];
}

let presses = 0;

async function press(bench: Bench, cookie: string): Promise<void> {
	const command = KINDS[presses++ % KINDS.length];
	const response = await fetch(`${bench.origin}/api/user/ea/command`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', cookie },
		body: JSON.stringify({ command })
	});
	const view = (await response.json()) as CommandView;
	if (view.successfulAccounts !== ACCOUNTS)
		throw new Error(`${command} gave ${JSON.stringify(view).slice(0, 1500)}`);
}

async function waitUntilConnected(bench: Bench, cookie: string): Promise<void> {
	for (let i = 0; i < 200; i++) {
		const response = await fetch(`${bench.origin}/api/user/mt5-accounts`, { headers: { cookie } });
		const { accounts } = (await response.json()) as { accounts: { connection: string }[] };
		if (accounts.every((account) => account.connection === 'connected')) return;
		await sleep(100);
	}
	throw new Error('the instant agents did not come up');
}
