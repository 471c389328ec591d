/**
 * (f) 2,000 agents find back after the web server was killed: from the moment the new process takes connections until
 * each agent is ready, with the agent's own back-off. The floor is the same fleet on a bare `ws` server that is killed
 * and comes back after the same time.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '#lib/server/embeddedPostgres.ts';
import { startChild } from './child.ts';
import type { Bench } from './environment.ts';
import { quantile, row, type Row } from './report.ts';

const COUNT = 2_000;
const SCENARIO = 'reconnect-2000';
/** As long as a fleet may take; past it, the figures say so. */
const GIVE_UP_MS = 60_000;

export async function reconnect(bench: Bench): Promise<Row[]> {
	await bench.restartWeb();
	const agents = await bench.makeAgents(COUNT);
	const fleet = startChild('reconnectingAgents.ts');
	await fleet.call('connect', { url: `${bench.origin.replace('http', 'ws')}/agent/v1`, agents });
	const downAtMs = Date.now();
	await bench.restartWeb('SIGKILL');
	const upAtMs = Date.now();
	const measured = await allBack(fleet, upAtMs);
	await fleet.end();

	const port = await freePort();
	let server = startChild('bareServer.ts');
	await server.call('listen', port);
	const bareFleet = startChild('reconnectingAgents.ts');
	await bareFleet.call('connect', { url: `ws://127.0.0.1:${port}`, bare: COUNT });
	await server.end();
	server = startChild('bareServer.ts');
	await sleep(upAtMs - downAtMs);
	await server.call('listen', port);
	const bare = await allBack(bareFleet, Date.now());
	await Promise.all([bareFleet.end(), server.end()]);

	return [
		row(SCENARIO, 'server away', 'ms', upAtMs - downAtMs),
		row(SCENARIO, 'back, p50', 'ms', quantile(measured, 0.5), quantile(bare, 0.5)),
		row(SCENARIO, 'back, p99', 'ms', quantile(measured, 0.99), quantile(bare, 0.99)),
		row(SCENARIO, 'all back', 'ms', Math.max(...measured), Math.max(...bare))
	];
}

/** @returns for each agent, how long after `upAtMs` it was ready */
async function allBack(fleet: ReturnType<typeof startChild>, upAtMs: number): Promise<number[]> {
	for (let back: number[] = []; ; await sleep(200)) {
		back = await fleet.call<number[]>('backAtMs');
		if (back.length === COUNT) return back.map((atMs) => Math.max(0, atMs - upAtMs));
		if (Date.now() - upAtMs > GIVE_UP_MS) throw new Error(`only ${back.length} of ${COUNT} agents are back`);
	}
}
