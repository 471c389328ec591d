/** Runs worlds in a thread of its own: gets seeds, answers with what came of them. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Weakness } from './agentNode.ts';
import { runWorld } from './world.ts';

const { weakness } = workerData as { weakness: Weakness | null };

parentPort?.on('message', async (seeds: number[]) => {
	const reports = [];
	for (const seed of seeds) {
		try {
			reports.push(await runWorld({ seed, weakness }));
		} catch (error) {
			const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
			const violations = [{ invariant: 'broken', atMs: 0, what }];
			reports.push({ seed, commands: 0, violations, digest: '', lines: [] });
		}
	}
	parentPort?.postMessage(reports);
});
