import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_BEHAVIOUR } from './behaviour.ts';
import { BrokerAccount } from './brokerAccount.ts';
import { Expert, heartbeatPath, readInputs, type ExpertHost, type ExpertInputs } from './expert.ts';
import { Market } from './market.ts';
import { Rhythm } from './rhythm.ts';

const INPUTS: ExpertInputs = {
	generation: 1,
	settingsHash: 'x',
	maxVolume: 10,
	maxLossCents: 0,
	safetyMode: 'GREEN',
	magic: 7
};
const CHART = { path: 'Quintet\\EATemplate', symbol: 'EURUSD', timeframe: 'M15', mayTrade: true };

/** Repeatable chances. */
function chances(): () => number {
	let state = 1;
	return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

describe('the simulated EA', () => {
	let folder: string;
	let refusal: number | null;
	let host: ExpertHost & { account: BrokerAccount; rhythm: Rhythm };
	const start = (inputs: Partial<ExpertInputs> = {}, chart: Partial<typeof CHART> = {}): Expert =>
		new Expert(
			host,
			{ ...CHART, ...chart },
			{ ...INPUTS, ...inputs },
			{ initDelayMs: 500, openEveryMs: 10_000 }
		);
	const volumes = (): number[] =>
		host.account.books.deals.filter((deal) => deal.entry === 'in').map((deal) => deal.volume);

	beforeEach(() => {
		vi.useFakeTimers();
		folder = mkdtempSync(join(tmpdir(), 'quintet-expert-'));
		refusal = null;
		const behaviour = () => DEFAULT_BEHAVIOUR;
		const now = Date.now;
		const onProblem = (problem: string): never => expect.fail(problem);
		const market = new Market(now);
		host = {
			rhythm: new Rhythm(),
			account: new BrokerAccount({
				brokerDir: folder,
				server: 'S',
				login: '1',
				market,
				behaviour,
				now,
				onProblem
			}),
			tradeRefusal: () => refusal,
			log: () => {},
			now,
			random: chances(),
			heartbeatPath: heartbeatPath(folder)
		};
	});
	afterEach(() => {
		host.rhythm.stopAll();
		vi.useRealTimers();
		rmSync(folder, { recursive: true });
	});

	it('is ready after its OnInit, and beats every second', () => {
		const expert = start();
		expect([expert.readyAtMs, expert.heartbeatAtMs]).toEqual([null, null]);
		vi.advanceTimersByTime(500);
		expect(expert.readyAtMs).toBe(Date.now());
		vi.advanceTimersByTime(3_000);
		expect(expert.heartbeatAtMs).toBe(Date.now());
	});

	it('opens and closes positions of its magic number, at most four at once', () => {
		start();
		for (let second = 0; second < 600; second++) {
			vi.advanceTimersByTime(1_000);
			expect(host.account.books.positions.length).toBeLessThanOrEqual(4);
		}
		expect(volumes().length).toBeGreaterThan(4);
		expect(Math.max(...volumes())).toBe(10);
		expect(new Set(host.account.books.deals.map((deal) => deal.magic))).toEqual(new Set([7]));
	});

	it('opens at most half the lots in amber', () => {
		start({ safetyMode: 'AMBER' });
		vi.advanceTimersByTime(600_000);
		expect(Math.max(...volumes())).toBe(5);
	});

	it.each([
		['in red', { safetyMode: 'RED' }, {}, null],
		['while Algo Trading is off', {}, {}, 10027],
		['without the chart’s permission', {}, { mayTrade: false }, null]
	])('opens nothing %s', (_, inputs, chart, code) => {
		refusal = code;
		start(inputs, chart);
		vi.advanceTimersByTime(600_000);
		expect(volumes()).toEqual([]);
	});

	it('opens nothing more once its loss limit is reached', () => {
		start({ maxLossCents: 1 });
		vi.advanceTimersByTime(600_000);
		// The spread alone costs more than a cent.
		expect(volumes()).toHaveLength(1);
	});

	it('stands still once removed', () => {
		const expert = start();
		vi.advanceTimersByTime(1_000);
		const { heartbeatAtMs } = expert;
		expert.remove();
		vi.advanceTimersByTime(60_000);
		expect(expert.heartbeatAtMs).toBe(heartbeatAtMs);
		expect(volumes()).toEqual([]);
	});

	it('does not start with inputs that are missing or wrong', () => {
		expect(readInputs(new Map())).toBeNull();
	});
});
