/** (b) Memory and time for 2,000 connected agents, against 2,000 bare `ws` lines. */
import { residentMb, startChild } from './child.ts';
import type { Bench } from './environment.ts';
import { row, type Row } from './report.ts';

const COUNT = 2_000;
const SCENARIO = 'connections-2000';

export async function connections(bench: Bench): Promise<Row[]> {
	const agents = await bench.makeAgents(COUNT);
	await bench.restartWeb();

	const lines = startChild('lineAgents.ts');
	const webBefore = await residentMb(bench.webPid());
	const url = `${bench.origin.replace('http', 'ws')}/agent/v1`;
	const connectMs = await lines.call<number>('connect', { url, agents });
	const webAfter = await residentMb(bench.webPid());
	await lines.end();

	const bareServer = startChild('bareServer.ts');
	const port = await bareServer.call<number>('listen');
	const bareLines = startChild('lineAgents.ts');
	const bareBefore = await residentMb(bareServer.pid);
	const bareMs = await bareLines.call<number>('connectBare', { url: `ws://127.0.0.1:${port}`, count: COUNT });
	const bareAfter = await residentMb(bareServer.pid);
	await Promise.all([bareLines.end(), bareServer.end()]);

	return [
		row(SCENARIO, 'time until all are ready', 'ms', connectMs, bareMs),
		row(
			SCENARIO,
			'memory per connected agent',
			'KiB',
			perAgent(webBefore, webAfter),
			perAgent(bareBefore, bareAfter)
		),
		row(SCENARIO, 'memory of the server process', 'MiB', webAfter, bareAfter)
	];
}

const perAgent = (before: number, after: number): number => ((after - before) * 1024) / COUNT;
