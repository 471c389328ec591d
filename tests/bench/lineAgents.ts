/**
 * Child process: many agents' lines, as light as they can be. They speak the real protocol (challenge, signature,
 * sync), send telemetry when told, and answer nothing else. For measuring the server under many lines.
 */
import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import WebSocket from 'ws';
import { encodeFrame } from '#lib/protocol/codec.ts';
import { authMessage } from '#lib/protocol/signed.ts';
import type { BenchAgent } from './environment.ts';
import { serveCalls } from './child.ts';

const sockets: WebSocket[] = [];
const accountsOf = new Map<WebSocket, string[]>();
/** What each agent's disk would hold. */
const connSeqOf = new Map<string, number>();
/** These agents check no signature, so theirs need not be fresh. */
const AGENT_NONCE = 'n'.repeat(32);
/** So many dials are under way at once, as a fleet with jitter would have. */
const PARALLEL = 100;

function connect(url: string, agent: BenchAgent, key: KeyObject): Promise<void> {
	return new Promise((done, fail) => {
		const socket = new WebSocket(url, { perMessageDeflate: false });
		sockets.push(socket);
		socket.once('error', fail);
		socket.on('message', (bytes: Buffer) => {
			const text = bytes.toString();
			if (text.includes('"type":"challenge"')) {
				const { nonce } = JSON.parse(text) as { nonce: string };
				socket.send(
					encodeFrame({
						type: 'hello',
						agentId: agent.agentId,
						agentVersion: 'bench',
						capabilities: [],
						machine: { hostname: 'bench', platform: 'linux', release: '6', cpus: 2, memoryMb: 4096 },
						capacity: 50,
						connSeqSeen: connSeqOf.get(agent.agentId) ?? 0,
						nonce: AGENT_NONCE
					})
				);
				const session = { agentId: agent.agentId, serverNonce: nonce, agentNonce: AGENT_NONCE };
				const signature = sign(null, authMessage(session, connSeqOf.get(agent.agentId) ?? 0), key);
				socket.send(encodeFrame({ type: 'auth', signature: signature.toString('base64url') }));
			} else if (text.includes('"type":"welcome"')) {
				const { connSeq } = JSON.parse(text) as { connSeq: number };
				connSeqOf.set(agent.agentId, connSeq);
				socket.send(encodeFrame({ type: 'ready', connSeq }));
			} else if (text.includes('"type":"sync"')) {
				const { accounts } = JSON.parse(text) as { accounts: { accountId: string }[] };
				accountsOf.set(
					socket,
					accounts.map((account) => account.accountId)
				);
				done();
			}
		});
	});
}

/** The bare line: open, one message there and one back. */
function connectBare(url: string): Promise<void> {
	return new Promise((done, fail) => {
		const socket = new WebSocket(url, { perMessageDeflate: false });
		sockets.push(socket);
		socket.once('error', fail);
		socket.once('open', () => socket.send('hello'));
		socket.once('message', () => done());
	});
}

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

let timer: NodeJS.Timeout | undefined;
let frames = 0;

serveCalls({
	connect: ({ url, agents }: { url: string; agents: BenchAgent[] }) => {
		// Reading a key is the agent's cost at its start, not the server's at a connection.
		const withKeys = agents.map((agent) => ({ agent, key: createPrivateKey(agent.privateKey) }));
		return all(withKeys, ({ agent, key }) => connect(url, agent, key));
	},
	connectBare: ({ url, count }: { url: string; count: number }) =>
		all(
			Array.from({ length: count }, (_, i) => i),
			() => connectBare(url)
		),
	/** Every line sends one telemetry frame a second, spread over the second. */
	telemetry: ({ state }: { state: object }) => {
		let next = 0;
		const perTick = Math.ceil(sockets.length / 50);
		timer = setInterval(() => {
			for (let i = 0; i < perTick; i++, next++) {
				const socket = sockets[next % sockets.length];
				const [accountId] = (socket && accountsOf.get(socket)) ?? [];
				if (!socket || !accountId) continue;
				const equity = (10_000 + Math.random() * 100).toFixed(2);
				const figures = { ...FIGURES, equity };
				const accounts = [{ accountId, epoch: 1, ageMs: 0, state, figures }];
				socket.send(encodeFrame({ type: 'telemetry', accounts } as never));
				frames++;
			}
		}, 20);
	},
	framesSent: () => frames,
	closeAll: () => {
		clearInterval(timer);
		for (const socket of sockets) socket.terminate();
		sockets.length = 0;
	}
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
