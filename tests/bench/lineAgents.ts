/** Child process: many agents' lines, which send telemetry when told, and answer nothing else. */
import { createPrivateKey } from 'node:crypto';
import { encodeFrame } from '#lib/protocol/codec.ts';
import { serveCalls } from './child.ts';
import type { BenchAgent } from './environment.ts';
import { connectAgent, connectBare, type AgentLine } from './lineClient.ts';

const lines: AgentLine[] = [];
/** So many dials are under way at once, as a fleet with jitter would have. */
const PARALLEL = 100;

/** @returns milliseconds from the first dial to the last line that is ready */
async function all<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<number> {
	const startedAt = performance.now();
	const queue = [...items];
	await Promise.all(
		Array.from({ length: PARALLEL }, async () => {
			for (let item = queue.pop(); item !== undefined; item = queue.pop()) await work(item);
		})
	);
	return performance.now() - startedAt;
}

let frames = 0;

serveCalls({
	connect: ({ url, agents }: { url: string; agents: BenchAgent[] }) => {
		// Reading a key is the agent's cost at its start, not the server's at a connection.
		const withKeys = agents.map(({ agentId, privateKey }) => ({
			agentId,
			key: createPrivateKey(privateKey),
			connSeq: 0
		}));
		return all(withKeys, async (agent) => void lines.push(await connectAgent(url, agent)));
	},
	connectBare: ({ url, count }: { url: string; count: number }) =>
		all(
			Array.from({ length: count }, (_, i) => i),
			async () => void (await connectBare(url))
		),
	/** Every line sends one telemetry frame a second, spread over the second. */
	telemetry: ({ state }: { state: object }) => {
		let next = 0;
		const perTick = Math.ceil(lines.length / 50);
		setInterval(() => {
			for (let i = 0; i < perTick; i++, next++) {
				const line = lines[next % lines.length];
				const accountId = line?.accounts[0]?.accountId;
				if (!line || !accountId) continue;
				const equity = (10_000 + Math.random() * 100).toFixed(2);
				const figures = { ...FIGURES, equity };
				const accounts = [{ accountId, epoch: 1, ageMs: 0, state, figures }];
				line.socket.send(encodeFrame({ type: 'telemetry', accounts } as never));
				frames++;
			}
		}, 20);
	},
	framesSent: () => frames
});

const FIGURES = {
	currency: 'USD',
	currencyDigits: 2,
	balance: '10000.00',
	margin: '120.00',
	freeMargin: '9880.00',
	marginLevel: '8333.33',
	floatingProfit: '12.30',
	dayClosedProfit: '45.60',
	openPositions: 2,
	openLots: '0.30',
	unprotectedPositions: 0,
	pendingOrders: 0,
	eaPositions: 2,
	eaOrders: 0
};
