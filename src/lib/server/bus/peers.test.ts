import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import type { BusListener } from './bus.ts';
import { encodeEnvelope, type NodeMessage, type NodeMessageHandlers } from './messages.ts';
import { Peers } from './peers.ts';

const OWN = '01900000-0000-7000-8000-000000000001';
const OTHER = '01900000-0000-7000-8000-000000000002';
const BEAT: NodeMessage = { type: 'beat' };

describe('the other nodes, as the bus tells of them', () => {
	let nowMs: number;
	let listener: BusListener;
	let revived: number;
	let backs: number;
	let delays: number[];
	let peers: Peers;

	/** A message that left `from` at its clock's `sentAtMs` and is here now. */
	const hear = (from: string, sentAtMs: number, message = BEAT) =>
		listener.onMessage(encodeEnvelope(from, sentAtMs, message));

	beforeEach(() => {
		nowMs = 1_000_000;
		revived = 0;
		backs = 0;
		delays = [];
		peers = new Peers({
			nodeId: OWN,
			bus: {
				scope: 'servers',
				isUp: true,
				open: (_, given) => void (listener = given),
				publish: () => undefined,
				revive: () => void revived++,
				close: () => Promise.resolve()
			},
			seal: { seal: (text) => text, open: (text) => text },
			clock: { monotonicMs: () => nowMs, wallMs: () => nowMs, sleep: () => Promise.resolve() },
			logger: pino({ level: 'silent' }),
			onMet: () => undefined,
			onLost: () => undefined,
			onBack: () => void backs++
		});
		const ignore = () => undefined;
		peers.open({
			bye: ignore,
			presence: ignore,
			frame: ignore,
			ask: ignore,
			asked: ignore,
			sync: ignore,
			remove: ignore,
			watch: ignore,
			reports: ignore,
			event: ignore,
			unnumbered: ignore,
			sessions_ended: ignore,
			agent_changed: ignore,
			beat: (_, { delayMs }) => void delays.push(delayMs)
		} satisfies NodeMessageHandlers);
	});

	it('nobody is within reach before this node has heard itself', () => {
		hear(OTHER, 500);
		expect(peers.isReachable(OTHER)).toBe(false);
		hear(OWN, nowMs);
		expect(peers.isInContact).toBe(true);
		expect(peers.reachable()).toEqual([OTHER]);
		expect(backs).toBe(1);
	});

	it('a node that falls silent is out of reach, and a bus without echo is made anew, once', () => {
		hear(OWN, nowMs);
		hear(OTHER, 500);
		nowMs += 4_000;
		hear(OWN, nowMs);
		expect(peers.isReachable(OTHER)).toBe(true);
		nowMs += 2_000;
		expect(peers.isReachable(OTHER)).toBe(false);
		expect(peers.isInContact).toBe(true);

		nowMs += 4_000;
		for (let i = 0; i < 3; i++) peers.beat();
		expect(peers.isInContact).toBe(false);
		expect(revived).toBe(1);
	});

	it('an echo that was long under way says nothing of now', () => {
		hear(OWN, nowMs - 6_000);
		expect(peers.isInContact).toBe(false);
	});

	it('what waited on the way is told from what is quick, whatever the other clock says', () => {
		// The other clock began elsewhere: 700 there is 1,000,000 here.
		hear(OTHER, 700);
		nowMs += 10_000;
		hear(OTHER, 10_700);
		nowMs += 10_000;
		hear(OTHER, 13_700);
		expect(delays).toEqual([0, 0, 7_000]);
	});

	it('clocks that drift apart are not taken for delay', () => {
		for (let second = 0; second < 300; second++) {
			hear(OTHER, 700 + second * 999);
			nowMs += 1_000;
		}
		expect(Math.max(...delays)).toBeLessThan(200);
	});
});
