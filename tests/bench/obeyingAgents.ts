/** Child process: agents' lines that take commands, and answer them when told. */
import { createPrivateKey } from 'node:crypto';
import { encodeFrame } from '#lib/protocol/codec.ts';
import { countArrivals } from './arrivals.ts';
import { serveCalls } from './child.ts';
import type { BenchAgent } from './environment.ts';
import { connectAgent } from './lineClient.ts';

const arrivals = countArrivals();
const unanswered: (() => void)[] = [];

serveCalls({
	async connect({ url, agents }: { url: string; agents: BenchAgent[] }) {
		for (const { agentId, privateKey } of agents)
			await connectAgent(
				url,
				{ agentId, key: createPrivateKey(privateKey), connSeq: 0 },
				{
					onCommand({ commandId, accountId, generation, epoch }, socket) {
						arrivals.one();
						const outcome = {
							outcome: 'success',
							errorCode: null,
							error: null,
							eaStatus: 'stopped'
						} as const;
						const result = {
							commandId,
							accountId,
							generation,
							epoch,
							...outcome,
							proof: null,
							durationMs: 1
						};
						unanswered.push(() => socket.send(encodeFrame({ type: 'result', ...result })));
					}
				}
			);
	},
	received: ({ count }: { count: number }) => arrivals.received(count),
	answerAll: () => {
		for (const answer of unanswered.splice(0)) answer();
	}
});
