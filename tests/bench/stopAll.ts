/**
 * (e) An operator stops 1,000 accounts of 200 traders on 20 machines at once: from the first press until every agent
 * has its last command. The floor is the same commits by hand, one per trader and machine, each command signed, over 20
 * bare lines.
 */
import { startChild } from './child.ts';
import type { Bench } from './environment.ts';
import { quantile, row, type Row } from './report.ts';
import { openStopAllFloor, type Place } from './stopAllFloor.ts';

const MACHINES = 20;
const TRADERS = 200;
const ACCOUNTS = 5;
const ROUNDS = 5;

export async function stopAll(bench: Bench): Promise<Row[]> {
	await bench.restartWeb();
	const machines = await bench.makeAgents(MACHINES);
	const places: Place[] = [];
	for (let i = 0; i < TRADERS; i++) {
		// A trader's accounts lie on five machines, as the pool deals them out: each machine stops for fifty traders.
		const on = Array.from({ length: ACCOUNTS }, (_, k) => (i + k * 4) % MACHINES);
		const agents = on.flatMap((machine) => machines[machine] ?? []);
		const { userId, accountIds } = await bench.makeTrader(ACCOUNTS, agents);
		for (const [k, accountId] of accountIds.entries())
			places.push({ userId, accountId, machine: on[k] ?? 0 });
	}
	const operator = await bench.makeTrader(0);
	await bench.pool.query(`UPDATE "User" SET role = 'OPERATOR' WHERE id = $1`, [operator.userId]);
	const lines = startChild('obeyingAgents.ts');
	const floor = await openStopAllFloor(bench, places, MACHINES);
	const samples: number[] = [];
	const floorSamples: number[] = [];
	try {
		await lines.call('connect', { url: `${bench.origin.replace('http', 'ws')}/agent/v1`, agents: machines });
		for (let round = 0; round <= ROUNDS; round++) {
			const startedAtMs = Date.now();
			const allReceived = lines.call<number>('received', { count: TRADERS * ACCOUNTS });
			await Promise.all(machines.map(({ agentId }) => stopMachine(bench, operator.cookie, agentId)));
			const receivedAtMs = await allReceived;
			await lines.call('answerAll');
			await bench.settled();
			const floorMs = await floor.round();
			// The first one finds nothing warm.
			if (round === 0) continue;
			samples.push(receivedAtMs - startedAtMs);
			floorSamples.push(floorMs);
		}
	} finally {
		await floor.close();
		await lines.end();
	}
	return [
		row('stop-all-1000', 'dispatched, median', 'ms', quantile(samples, 0.5), quantile(floorSamples, 0.5)),
		row('stop-all-1000', 'dispatched, worst', 'ms', Math.max(...samples), Math.max(...floorSamples))
	];
}

async function stopMachine(bench: Bench, cookie: string, agentId: string): Promise<void> {
	const response = await fetch(`${bench.origin}/api/operator/agents/${agentId}/stop`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', cookie, origin: bench.origin },
		body: '{}'
	});
	const answer = (await response.json()) as { sentAccounts?: number; accounts?: number };
	if (!answer.accounts || answer.sentAccounts !== answer.accounts)
		throw new Error(`stop: ${response.status} ${JSON.stringify(answer).slice(0, 500)}`);
}
