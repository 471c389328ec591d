/** How a Stop waits for what the broker refuses. The steps against real terminals: tests/integration/agent. */
import { describe, expect, it } from 'vitest';
import { type Residual } from '#lib/protocol/seen.ts';
import { type BridgeStatus } from '../bridge/contract.ts';
import { createLogger } from '../logger.ts';
import { stopEa } from './stopEa.ts';
import { type Steps } from './steps.ts';
import { DEFAULT_TIMINGS } from './timings.ts';

const HOUR = 3_600_000;
const MAGIC = 7;

const residual = (ticket: string, brokerCode: number | null): Residual => ({
	ticket,
	type: 'position',
	symbol: 'EURUSD',
	side: 'buy',
	lots: '0.10',
	profit: '0.00',
	hasStopLoss: true,
	brokerCode,
	brokerText: null
});

/** What each pass in a row leaves, and when the calendar says that the market opens; after the last all is gone. */
type Pass = { codes: number[]; marketOpensInMs?: number };

/** @param byHandAfterMs of the first wait: a person closes all that is left */
function rig(passes: Pass[], byHandAfterMs = Infinity) {
	let nowMs = 0;
	let isAlgoOn = false;
	let presses = 0;
	let left = passes[0]?.codes.length ?? 0;
	const sleeps: number[] = [];
	const stages: string[] = [];
	const status = () => ({
		...{ ea: null, isTerminalTradeAllowed: isAlgoOn, unprotectedPositions: 0, seq: 1 },
		...{ openPositions: left, pendingOrders: 0 }
	});
	const request = async (verb: string) => {
		if (verb === 'list_open')
			return { items: Array.from({ length: left }, (_, index) => residual(`${index + 1}`, null)) };
		if (verb !== 'close_pass') return {};
		const { codes, ...rest } = passes.shift() ?? { codes: [] };
		const closedPositions = left - codes.length;
		left = codes.length;
		const residuals = codes.map((code, index) => residual(`${index + 1}`, code));
		return { closedPositions, deletedOrders: 0, residuals, ...rest };
	};
	const instance = {
		dir: 'x',
		process: { pid: 1, createdAt: '1', instanceDir: 'x' },
		silentForMs: 0,
		bridgeAgeMs: 0,
		pendingToggle: null,
		pendingLoad: null,
		forgetLoad: () => {},
		get fresh() {
			return status();
		},
		request,
		waitStatus: async (
			isWanted: (read: BridgeStatus) => boolean,
			{ timeoutMs, isPatient }: { timeoutMs: number; isPatient?: boolean }
		) => {
			const shown = () => {
				const read = status() as unknown as BridgeStatus;
				return isWanted(read) ? read : null;
			};
			if (shown() || !isPatient) return shown();
			const waitedMs = Math.min(timeoutMs, byHandAfterMs);
			sleeps.push(waitedMs);
			nowMs += waitedMs;
			if (waitedMs === byHandAfterMs) left = 0;
			return shown();
		},
		nextStatus: async () => status(),
		statusSinceAnswer: async () => status(),
		terminal: {
			window: {
				toggleAlgoTrading: async () => {
					presses += 1;
					isAlgoOn = !isAlgoOn;
				},
				closeDialogs: async () => []
			}
		}
	};
	const steps = {
		instance,
		bringUp: { ensure: async () => {}, block: null, isUnderWay: false },
		clock: {
			monotonicMs: () => nowMs,
			wallMs: () => nowMs,
			async sleep(ms: number, signal: AbortSignal) {
				signal.throwIfAborted();
				sleeps.push(ms);
				nowMs += ms;
			}
		},
		random: () => 0.5,
		timings: DEFAULT_TIMINGS,
		logger: createLogger('silent')
	} as unknown as Steps;
	const order = {
		closePositions: true,
		magics: [MAGIC],
		onProgress: (stage: string) => void stages.push(stage)
	};
	return {
		stop: () => stopEa(steps, order, new AbortController().signal),
		sleeps,
		stages,
		presses: () => presses
	};
}

describe('a Stop that a closed market refuses', () => {
	it('waits for the opening by the broker’s calendar, and does not press the button meanwhile', async () => {
		const { stop, sleeps, stages, presses } = rig([{ codes: [10018, 10018], marketOpensInMs: 240_000 }]);
		expect(await stop()).toMatchObject({ residualCount: 0, closedPositions: 2 });
		expect(sleeps).toEqual([242_000]);
		expect(stages).toEqual(['closing: 2 left, the market is closed and opens in 4 min']);
		expect(presses()).toBe(4);
	});

	it('tries every five minutes all the same: a calendar may be wrong', async () => {
		const weekend = { codes: [10018], marketOpensInMs: 47 * HOUR + 59 * 60_000 };
		const { stop, sleeps, stages } = rig([weekend, weekend]);
		await stop();
		expect(sleeps).toEqual([300_000, 300_000]);
		expect(stages[0]).toBe('closing: 1 left, the market is closed and opens in 47 h 59 min');
	});

	it.each([
		['the calendar has a session now', [{ codes: [10018], marketOpensInMs: 0 }]],
		['the calendar says nothing', [{ codes: [10018] }]],
		['something else is refused too', [{ codes: [10018, 10004], marketOpensInMs: HOUR }]]
	])('tries again soon when %s', async (_, passes) => {
		const { stop, sleeps, stages } = rig(passes);
		await stop();
		expect(sleeps).toHaveLength(1);
		expect(sleeps[0]).toBeLessThan(2_000);
		expect(stages[0]).toMatch(/left, trying again$/);
	});

	it('sees at once that a person closed what was left', async () => {
		const { stop, sleeps } = rig([{ codes: [10018], marketOpensInMs: 4 * HOUR }], 3_000);
		expect(await stop()).toMatchObject({ residualCount: 0 });
		expect(sleeps).toEqual([3_000]);
	});

	it('forgets the opening with the next try', async () => {
		const { stop, sleeps } = rig([{ codes: [10018], marketOpensInMs: 60_000 }, { codes: [10004] }]);
		await stop();
		expect(sleeps[0]).toBe(62_000);
		expect(sleeps[1]).toBeLessThan(3_000);
	});
});
