/** Child process: a fleet that keeps its lines up, with the agent's own waits between dials. */
import { createPrivateKey } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fullJitter } from '#lib/domain/backoff.ts';
import { DEFAULT_PACE } from '../../agent/src/link/linkPorts.ts';
import { serveCalls } from './child.ts';
import type { BenchAgent } from './environment.ts';
import { connectAgent, connectBare } from './lineClient.ts';

/** Dials; resolves when the line is ready, and calls back when it ends. */
type Dial = (onEnd: () => void) => Promise<unknown>;

const PARALLEL = 100;
/** Of each agent, when it was ready for the second time. */
const backAtMs: number[] = [];

async function keepUp(dial: Dial, firstReady: () => void): Promise<void> {
	const { retryBaseMs, retryCapMs } = DEFAULT_PACE;
	for (let attempt = 0, readyCount = 0; ;) {
		const { promise: ended, resolve } = Promise.withResolvers<void>();
		try {
			await dial(resolve);
			readyCount += 1;
			if (readyCount === 1) firstReady();
			else backAtMs.push(Date.now());
			// These lines lasted; the agent forgets its failures then.
			attempt = 0;
			await ended;
		} catch {
			// Not up yet.
		}
		await sleep(fullJitter(attempt++, retryBaseMs, retryCapMs, Math.random));
	}
}

async function connectAll(dials: readonly Dial[]): Promise<void> {
	const queue = [...dials];
	await Promise.all(
		Array.from({ length: PARALLEL }, async () => {
			for (let dial = queue.pop(); dial; dial = queue.pop()) {
				const own = dial;
				await new Promise<void>((ready) => void keepUp(own, ready));
			}
		})
	);
}

serveCalls({
	connect: ({ url, agents = [], bare = 0 }: { url: string; agents?: BenchAgent[]; bare?: number }) =>
		connectAll([
			...agents.map(({ agentId, privateKey }): Dial => {
				const agent = { agentId, key: createPrivateKey(privateKey), connSeq: 0 };
				return (onEnd) => connectAgent(url, agent, { onEnd });
			}),
			...Array.from({ length: bare }, (): Dial => (onEnd) => connectBare(url, onEnd))
		]),
	backAtMs: () => backAtMs
});
