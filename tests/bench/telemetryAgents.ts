/** Child process: many agents' lines which tell figures of all their accounts once a second, spread over the second. */
import { createPrivateKey } from 'node:crypto';
import type WebSocket from 'ws';
import { encodeFrame } from '#lib/protocol/codec.ts';
import { serveCalls } from './child.ts';
import type { BenchAgent } from './environment.ts';
import { connectAgent, connectBare } from './lineClient.ts';

interface Line {
	socket: WebSocket;
	accounts: { accountId: string; epoch: number }[];
}

const PARALLEL = 50;
const TICKS_PER_SECOND = 50;
const lines: Line[] = [];
let timer: NodeJS.Timeout | undefined;
let updates = 0;

async function all<T>(items: readonly T[], work: (item: T) => Promise<Line>): Promise<void> {
	const queue = [...items];
	await Promise.all(
		Array.from({ length: PARALLEL }, async () => {
			for (let item = queue.pop(); item !== undefined; item = queue.pop()) lines.push(await work(item));
		})
	);
}

function answered(socket: WebSocket): Promise<void> {
	return new Promise((done) => {
		const onMessage = (bytes: Buffer): void => {
			if (!bytes.toString().includes('"type":"time"')) return;
			socket.off('message', onMessage);
			done();
		};
		socket.on('message', onMessage);
		socket.send(encodeFrame({ type: 'time', question: 1 }));
	});
}

serveCalls({
	connect: ({ url, agents }: { url: string; agents: BenchAgent[] }) =>
		all(agents, ({ agentId, privateKey }) =>
			connectAgent(url, { agentId, key: createPrivateKey(privateKey), connSeq: 0 })
		),
	connectBare: ({ url, count, accounts }: { url: string; count: number; accounts: number }) =>
		all(
			Array.from({ length: count }, (_, i) => i),
			async () => ({
				socket: await connectBare(url),
				accounts: Array.from({ length: accounts }, () => ({ accountId: crypto.randomUUID(), epoch: 1 }))
			})
		),
	/** The first frame of each line has the states; then figures alone, as nothing else changes. */
	start: ({ state }: { state: object }) => {
		const startedAt = performance.now();
		const told = new Set<Line>();
		let due = 0;
		timer = setInterval(() => {
			// What a late timer missed is made up for: the rate is the rate.
			const seconds = (performance.now() - startedAt) / 1_000;
			for (const until = Math.floor(seconds * lines.length); due < until; due++) {
				const line = lines[due % lines.length];
				if (!line) continue;
				const isFirst = !told.has(line);
				told.add(line);
				// The moment it was seen travels in the equity, so that whoever gets it knows its age.
				const figures = { ...FIGURES, equity: (Date.now() / 100).toFixed(2) };
				const accounts = line.accounts.map((account) => ({
					...account,
					ageMs: 0,
					...(isFirst ? { state } : {}),
					figures
				}));
				line.socket.send(encodeFrame({ type: 'telemetry', accounts } as never));
				updates += accounts.length;
			}
		}, 1_000 / TICKS_PER_SECOND);
	},
	/** Until the server has read all that was sent: on each line it answers a question that came after it. */
	handled: async () => {
		await Promise.all(lines.map(({ socket }) => answered(socket)));
		return updates;
	},
	stop: () => clearInterval(timer)
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
