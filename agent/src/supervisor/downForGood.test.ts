import { describe, expect, it } from 'vitest';
import { type Clock } from '../clock.ts';
import { createLogger } from '../logger.ts';
import { type ProcessIdentity, type TerminalKind } from '../terminal/ports.ts';
import { undo } from './commandRun.ts';
import { haltInstance } from './haltInstance.ts';
import { Instance } from './instance.ts';
import { endForGood, isDownForGood, type Steps } from './steps.ts';
import { DEFAULT_TIMINGS } from './timings.ts';

const DIR = '/instances/one';
const { selfRestartMs, updateMs } = DEFAULT_TIMINGS;
const logger = createLogger('error', { write: () => {} });
const signal = new AbortController().signal;

/** A terminal without bridge on a clock of its own; `comesUpAtMs`: MetaTrader starts again by itself, to update. */
function scene({ mayHaveRun = true, comesUpAtMs = Infinity, updatesUntilMs = -Infinity } = {}) {
	let nowMs = 0;
	let isUp = false;
	let number = 1;
	const killed: number[] = [];
	const live = (): ProcessIdentity | null => {
		if (nowMs >= comesUpAtMs) {
			comesUpAtMs = Infinity;
			isUp = true;
			number += 1;
		}
		return isUp ? { pid: number, createdAt: number.toString(), instanceDir: DIR } : null;
	};
	const clock: Clock = {
		monotonicMs: () => nowMs,
		wallMs: () => nowMs,
		sleep: async (ms) => void (nowMs += Math.max(1, ms))
	};
	const terminal = {
		launcher: {
			find: async () => live(),
			isUpdating: async () => nowMs < updatesUntilMs,
			isAlive: async ({ pid }: ProcessIdentity) => live()?.pid === pid,
			kill: async ({ pid }: ProcessIdentity) => {
				killed.push(pid);
				isUp = false;
			}
		},
		window: { requestClose: async () => {}, isHung: async () => false },
		openChannel: () => ({
			newest: null,
			onStatus: () => () => {},
			request: () => Promise.reject(new Error('there is no bridge')),
			reset: async () => {},
			close: () => {}
		})
	} as unknown as TerminalKind;
	const instance = new Instance(DIR, terminal, clock, mayHaveRun);
	const reach = { instance, clock, timings: DEFAULT_TIMINGS, logger };
	return { reach, killed, elapsedMs: () => nowMs, isUp: () => live() !== null };
}

describe('a terminal that is down', () => {
	it('proves nothing while it may come back by itself', async () => {
		const late = scene({ comesUpAtMs: selfRestartMs - 1_000 });
		expect(await isDownForGood(late.reach, signal)).toBe(false);
		const never = scene();
		expect(await isDownForGood(never.reach, signal)).toBe(true);
		expect(never.elapsedMs()).toBeGreaterThanOrEqual(selfRestartMs);
	});

	it('T9: proves nothing while an update is under way, however long it takes to bring the terminal back', async () => {
		const late = scene({ updatesUntilMs: 3 * selfRestartMs, comesUpAtMs: 3.5 * selfRestartMs });
		expect(await isDownForGood(late.reach, signal)).toBe(false);
		expect(late.isUp()).toBe(true);
		const failed = scene({ updatesUntilMs: 3 * selfRestartMs });
		expect(await isDownForGood(failed.reach, signal)).toBe(true);
		expect(failed.elapsedMs()).toBeGreaterThan(3.9 * selfRestartMs);
	});

	it('T9: is not waited for beyond all measure when its update never ends, and is not proven down', async () => {
		const { reach, elapsedMs } = scene({ updatesUntilMs: Infinity });
		expect(await isDownForGood(reach, signal)).toBe(false);
		expect(elapsedMs()).toBeLessThan(2 * updateMs);
	});

	it('T9: may come back by itself when it had ended by itself before it was ended', async () => {
		const held = { pid: 1, createdAt: '1', instanceDir: DIR };
		const late = scene({ comesUpAtMs: selfRestartMs - 1_000 });
		late.reach.instance.hold(held);
		expect(await late.reach.instance.end(0)).toBe('closed');
		expect(await isDownForGood(late.reach, signal)).toBe(false);
		const replaced = scene({ comesUpAtMs: 1 });
		replaced.reach.instance.hold(held);
		await endForGood(replaced.reach, 0, signal);
		expect(replaced.killed).toEqual([2]);
		expect(replaced.isUp()).toBe(false);
	});

	it('proves it at once when none ever ran there', async () => {
		const { reach, elapsedMs } = scene({ mayHaveRun: false, updatesUntilMs: Infinity });
		expect(await isDownForGood(reach, signal)).toBe(true);
		expect(await haltInstance(reach.instance, reach, signal)).toBe(true);
		expect(elapsedMs()).toBe(0);
	});

	it('that came back keeps a failed Start from counting as undone', async () => {
		const { reach, isUp } = scene({ comesUpAtMs: 2_000 });
		const isUndone = await undo(reach as unknown as Steps, signal);
		// Its bridge does not answer, so nothing is proven of what came up.
		expect(isUndone).toBe(false);
		expect(isUp()).toBe(true);
	});

	it('S6: is ended again when it came back, before an emergency stop counts as proven', async () => {
		const { reach, killed, isUp } = scene({ comesUpAtMs: 2_000 });
		expect(await haltInstance(reach.instance, reach, signal)).toBe(true);
		expect(isUp()).toBe(false);
		expect(killed).toEqual([2]);
	});

	it('O4: is ended again when it came back, before its account counts as released', async () => {
		const { reach, killed, isUp } = scene({ comesUpAtMs: selfRestartMs - 1_000 });
		await endForGood(reach, 0, signal);
		expect(isUp()).toBe(false);
		expect(killed).toEqual([2]);
	});
});
