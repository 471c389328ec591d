/**
 * Child process: agents with a long history to tell. Each account's deals go out as the agent sends them: one frame after
 * the other, through its own post, each again until the server says that it is stored. Lines that end come back.
 */
import { createPrivateKey } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fullJitter } from '#lib/domain/backoff.ts';
import { encodeFrame } from '#lib/protocol/codec.ts';
import { MOST_DEALS_PER_FRAME, type SentDeal } from '#lib/protocol/deals.ts';
import type { WebFrames } from '#lib/protocol/frames.ts';
import { systemClock } from '../../agent/src/clock.ts';
import { DealPost } from '../../agent/src/deals/dealPost.ts';
import { DEFAULT_PACE } from '../../agent/src/link/linkPorts.ts';
import { DEFAULT_TIMINGS } from '../../agent/src/supervisor/timings.ts';
import { serveCalls } from './child.ts';
import type { BenchAgent } from './environment.ts';
import { connectAgent, type AgentLine } from './lineClient.ts';

const never = new AbortController().signal;
let acknowledged = 0;
let frames = 0;

/** The n-th deal of an account: entries and exits in turn, with a win, a loss, and an exit of its own day now and then. */
function dealAt(n: number, firstMs: number, stepMs: number): SentDeal {
	const isExit = n % 2 === 1;
	return {
		ticket: String(1_000 + n),
		serverTimeMs: Math.floor(firstMs + n * stepMs) + 7_200_000,
		gmtOffsetMin: 120,
		positionId: String(1_000 + n - (n % 2)),
		side: isExit ? 'sell' : 'buy',
		entry: isExit ? 'out' : 'in',
		symbol: 'EURUSD',
		lots: '0.10',
		price: '1.08400',
		profit: isExit ? (((n * 7919) % 2003) / 100 - 9.5).toFixed(2) : '0.00',
		swap: '0.00',
		commission: '-0.07',
		fee: '0.00',
		magic: 505_001,
		positionMagic: 505_001,
		reason: 3
	};
}

interface Order {
	url: string;
	agents: BenchAgent[];
	/** Of each account. */
	deals: number;
	firstMs: number;
	lastMs: number;
}

async function tell(
	{ agentId, privateKey }: BenchAgent,
	{ url, deals, firstMs, lastMs }: Order
): Promise<void> {
	const agent = { agentId, key: createPrivateKey(privateKey), connSeq: 0 };
	let line: AgentLine | null = null;
	const post = new DealPost({
		isOpen: () => line !== null,
		send: (frame) => {
			if (!line) return false;
			frames++;
			line.socket.send(encodeFrame(frame as never));
			return true;
		},
		clock: systemClock,
		timings: DEFAULT_TIMINGS
	});
	const connected = Promise.withResolvers<string>();
	void (async () => {
		const { retryBaseMs, retryCapMs } = DEFAULT_PACE;
		for (let attempt = 0; ;) {
			try {
				const ended = Promise.withResolvers<void>();
				const opened = await connectAgent(url, agent, { onEnd: ended.resolve });
				opened.socket.on('message', (bytes: Buffer) => {
					const text = bytes.toString();
					if (text.includes('"type":"deals_stored"'))
						post.onStored(JSON.parse(text) as WebFrames['deals_stored']);
				});
				attempt = 0;
				line = opened;
				post.opened();
				connected.resolve(opened.accounts[0]?.accountId ?? '');
				await ended.promise;
				line = null;
			} catch {
				// Not up yet.
			}
			await sleep(fullJitter(attempt++, retryBaseMs, retryCapMs, Math.random));
		}
	})();
	const owner = { accountId: await connected.promise, epoch: 1 };
	const stepMs = (lastMs - firstMs) / deals;
	for (let n = 0; n < deals; n += MOST_DEALS_PER_FRAME) {
		const count = Math.min(MOST_DEALS_PER_FRAME, deals - n);
		const part = {
			deals: Array.from({ length: count }, (_, i) => dealAt(n + i, firstMs, stepMs)),
			operations: []
		};
		await post.deliver(owner, part, { isStillTheirs: () => true, signal: never });
		acknowledged += count;
	}
}

let told: Promise<unknown> = Promise.resolve();

serveCalls({
	start: (order: Order) => void (told = Promise.all(order.agents.map((agent) => tell(agent, order)))),
	/** Deals that the server said it has, and frames sent for them. */
	progress: () => ({ acknowledged, frames }),
	told: () => told.then(() => undefined)
});
