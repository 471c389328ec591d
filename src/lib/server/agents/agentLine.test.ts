import pino from 'pino';
import { describe, expect, it } from 'vitest';
import type { TimerClock } from '#lib/domain/clock.ts';
import { encodeFrame } from '#lib/protocol/codec.ts';
import type { LineSocket, LineSocketEvents } from '#lib/protocol/socket.ts';
import type { AgentDirectory, KnownAgent } from './agentDirectory.ts';
import { AgentLine } from './agentLine.ts';

const AGENT_ID = '0198f3c1-0000-7000-8000-000000000001';
const NONCE = 'n'.repeat(32);
const AGENT: KnownAgent = {
	id: AGENT_ID,
	name: 'vps-1',
	publicKey: 'k',
	previousPublicKey: null,
	isApproved: true,
	lockReason: null
};

/** Everything that promises had to do is done. */
const settled = () => new Promise((done) => setImmediate(done));

/** A clock that stands still until it is told to go on. */
function handClock() {
	let nowMs = 0;
	const timers = new Set<{ atMs: number; callback: () => void }>();
	const later: (() => void)[] = [];
	const clock: TimerClock = {
		monotonicMs: () => nowMs,
		wallMs: () => nowMs,
		sleep: () => Promise.reject(new Error('nobody sleeps here')),
		after(ms, callback) {
			const timer = { atMs: nowMs + ms, callback };
			timers.add(timer);
			return () => void timers.delete(timer);
		},
		soon: (callback) => void later.push(callback)
	};
	return {
		clock,
		/** Timers first; then, as a busy event loop does, `arrived`, and what waits for that. */
		async pass(ms: number, arrived: () => void = () => undefined) {
			nowMs += ms;
			for (const timer of [...timers])
				if (timer.atMs <= nowMs) {
					timers.delete(timer);
					timer.callback();
				}
			arrived();
			await settled();
			for (const callback of later.splice(0)) callback();
		}
	};
}

function arrange() {
	const { clock, pass } = handClock();
	const closed: string[] = [];
	const sent: string[] = [];
	let events: LineSocketEvents | undefined;
	const socket: LineSocket = {
		isOpen: true,
		bufferedBytes: 0,
		listen: (listener) => (events = listener),
		send: (text) => void sent.push((JSON.parse(text) as { type: string }).type),
		ping: () => undefined,
		close: (_code, reason) => void closed.push(reason),
		terminate: () => undefined
	};
	const found = Promise.withResolvers<KnownAgent | null>();
	const directory = {
		find: () => found.promise,
		arrive: () => Promise.resolve({ verdict: 'accepted', connSeq: 1 } as const),
		confirm: () => Promise.resolve(true as const)
	} satisfies Partial<AgentDirectory>;
	let isReady = false;
	new AgentLine(
		socket,
		{
			onReady: () => (isReady = true),
			onCopy: () => undefined,
			onFrame: () => undefined,
			onClose: () => undefined
		},
		{
			directory: directory as unknown as AgentDirectory,
			proof: { newNonce: () => NONCE, isSignedBy: () => Promise.resolve(true) },
			signer: { sign: () => 's' } as never,
			rhythm: { pingIntervalMs: 10_000, lineDeadMs: 25_000, telemetryIntervalMs: 1_000 },
			clock,
			logger: pino({ level: 'silent' })
		}
	);
	const say = (frame: Parameters<typeof encodeFrame>[0]) => events?.onMessage(encodeFrame(frame));
	return {
		pass,
		closed,
		sent,
		isReady: () => isReady,
		introduce() {
			say({
				type: 'hello',
				agentId: AGENT_ID,
				agentVersion: '0.1.0',
				capabilities: [],
				machine: { hostname: 'vps', platform: 'win32', release: '10', cpus: 2, memoryMb: 4096 },
				capacity: 5,
				connSeqSeen: 0,
				nonce: NONCE
			});
			say({ type: 'auth', signature: 's' });
		},
		async letIn() {
			found.resolve(AGENT);
			await settled();
		},
		async ready() {
			say({ type: 'ready', connSeq: 1 });
			await settled();
		}
	};
}
const TOO_LONG = ['handshake took too long'];

describe('X16: the handshake of an agent', () => {
	it('is ended when nothing comes for five seconds', async () => {
		const line = arrange();
		await line.pass(4_999);
		expect(line.closed).toEqual([]);
		await line.pass(1);
		expect(line.closed).toEqual(TOO_LONG);
	});

	it('N11: is not ended for words that arrived and lay unread while a fleet came back', async () => {
		const line = arrange();
		await line.pass(6_000, line.introduce);
		await line.letIn();
		expect(line.closed).toEqual([]);
		expect(line.sent).toContain('welcome');
	});

	it('N11: does not count the time that the server itself takes', async () => {
		const line = arrange();
		line.introduce();
		await settled();
		await line.pass(20_000);
		expect(line.closed).toEqual([]);
		await line.letIn();
		await line.ready();
		expect(line.isReady()).toBe(true);
	});

	it('is ended when an agent that was let in does not say that it is ready', async () => {
		const line = arrange();
		line.introduce();
		await line.letIn();
		await line.pass(5_000);
		expect(line.closed).toEqual(TOO_LONG);
	});
});
