import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MAX_FRAME_BYTES, TELEMETRY_REPEAT_MS } from '#lib/domain/limits.ts';
import { encodeFrame } from '#lib/protocol/codec.ts';
import { type AccountReport } from './accountView.ts';
import { observe } from './observe.ts';
import { Telemetry } from './telemetry.ts';
import { QUIET_ACCOUNT } from '../../../tests/support/quietAccount.ts';
import { type BridgeStatus } from '../bridge/contract.ts';

const report = (change: Partial<AccountReport> = {}): AccountReport => ({
	accountId: randomUUID(),
	epoch: 1,
	ageMs: 5,
	...observe({
		process: 'down',
		status: null,
		bridgeAgeMs: null,
		accountNumber: '1',
		serverName: 'Demo',
		wantedHash: '',
		expertFile: undefined,
		isExpertOther: false,
		isComingUp: false,
		block: null,
		activity: 'x'.repeat(200),
		fault: { code: 'crash_loop', message: 'ü'.repeat(300), remedy: 'ü'.repeat(300) }
	}),
	...change
});

describe('Telemetry', () => {
	let nowMs = 0;
	const clock = { monotonicMs: () => nowMs, wallMs: () => nowMs, sleep: async () => {} };

	it('tells everything once, then only what changed, then the ages alone', () => {
		const telemetry = new Telemetry(clock);
		const first = report();
		expect(telemetry.frames([first])[0]?.accounts[0]).toMatchObject({ state: first.state, figures: null });
		expect(telemetry.frames([first])).toEqual([]);
		const changed = { ...first, state: { ...first.state, activity: null } };
		const [frame] = telemetry.frames([changed]);
		expect(frame?.accounts[0]?.state?.activity).toBeNull();
		expect(frame?.accounts[0]).not.toHaveProperty('figures');
		nowMs += TELEMETRY_REPEAT_MS;
		const [repeat] = telemetry.frames([{ ...changed, ageMs: 77 }]);
		expect(repeat?.accounts[0]).toEqual({
			accountId: first.accountId,
			epoch: 1,
			ageMs: 77,
			ea: null,
			vitals: null
		});
		telemetry.startOver();
		expect(telemetry.frames([changed])[0]?.accounts[0]).toHaveProperty('state');
	});

	it('O1: tells everything of an account that came back under a new epoch, though nothing changed', () => {
		const telemetry = new Telemetry(clock);
		const first = report();
		telemetry.frames([first]);
		expect(telemetry.frames([{ ...first, epoch: 3 }])[0]?.accounts[0]).toMatchObject({
			epoch: 3,
			state: first.state,
			figures: null
		});
	});

	it('P1: keeps every frame below the limit of the line', () => {
		const frames = new Telemetry(clock).frames(Array.from({ length: 300 }, () => report()));
		expect(frames.flatMap(({ accounts }) => accounts)).toHaveLength(300);
		for (const frame of frames) expect(Buffer.byteLength(encodeFrame(frame))).toBeLessThan(MAX_FRAME_BYTES);
	});
});

describe('what is open', () => {
	const row = {
		ticket: '18446744073709551615',
		timeMs: 1_795_000_000_000,
		symbol: '铜'.repeat(32),
		lots: '1.00',
		price: '1.00000',
		sl: null,
		tp: null,
		priceCurrent: '1.00000',
		magic: '-9223372036854775808',
		// Six bytes each in JSON.
		comment: '\u0001'.repeat(64),
		type: 'buy' as const,
		swap: '0.00',
		profit: '0.00'
	};
	const open = (count: number, comment = row.comment) =>
		observe({
			process: 'up',
			status: {
				...(QUIET_ACCOUNT as unknown as BridgeStatus),
				login: '1',
				server: 'Demo',
				ea: null,
				positions: Array.from({ length: count }, () => ({ ...row, comment })),
				orders: []
			},
			bridgeAgeMs: 100,
			accountNumber: '1',
			serverName: 'Demo',
			wantedHash: '',
			expertFile: undefined,
			isExpertOther: false,
			isComingUp: false,
			block: null,
			activity: 'ü'.repeat(200),
			fault: { code: 'crash_loop', message: 'ü'.repeat(300), remedy: 'ü'.repeat(300) }
		});

	it('P1: fits into a frame, whatever it holds; what does not is only counted', () => {
		const clock = { monotonicMs: () => 0, wallMs: () => 0, sleep: async () => {} };
		const worst = Array.from({ length: 5 }, () => report(open(100)));
		const frames = new Telemetry(clock).frames(worst);
		expect(frames.flatMap(({ accounts }) => accounts)).toHaveLength(5);
		for (const frame of frames) expect(Buffer.byteLength(encodeFrame(frame))).toBeLessThan(MAX_FRAME_BYTES);
		expect(open(100).open?.positions.length).toBeGreaterThan(30);
		// What comments are in truth leaves room for all hundred.
		expect(open(100, '移动止损 grid 12').open?.positions).toHaveLength(100);
	});

	it('travels only when it changed', () => {
		const clock = { monotonicMs: () => 0, wallMs: () => 0, sleep: async () => {} };
		const telemetry = new Telemetry(clock);
		const first = report(open(1));
		expect(telemetry.frames([first])[0]?.accounts[0]?.open?.positions).toHaveLength(1);
		const changed = { ...first, state: { ...first.state, activity: null } };
		expect(telemetry.frames([changed])[0]?.accounts[0]).not.toHaveProperty('open');
		const [frame] = telemetry.frames([{ ...changed, open: { positions: [], orders: [] } }]);
		expect(frame?.accounts[0]?.open).toEqual({ positions: [], orders: [] });
	});
});

describe('observe', () => {
	it('claims nothing of a hung terminal, whose EA may still trade', () => {
		const seen = report();
		expect(seen.state.algo).toBe('down');
		const hung = observe({
			process: 'hung',
			status: null,
			bridgeAgeMs: 60_000,
			accountNumber: '1',
			serverName: 'Demo',
			wantedHash: '',
			expertFile: undefined,
			isExpertOther: false,
			isComingUp: false,
			block: null,
			activity: null,
			fault: null
		});
		expect(hung.state).toMatchObject({ algo: 'unknown', connection: 'unknown' });
	});
});
