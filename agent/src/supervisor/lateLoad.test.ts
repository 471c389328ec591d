/** An EA that was ordered, and comes onto its chart after the agent that ordered it is gone. */
import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../../../tests/support/fakeWeb.ts';
import { Journal } from '../link/journal.ts';
import { createLogger } from '../logger.ts';
import { type CommandRecord } from './command.ts';
import { takeOver } from './recovery.ts';
import { loadMs, unloadEa, type Steps } from './steps.ts';
import { DEFAULT_TIMINGS } from './timings.ts';

const ACCOUNT = randomUUID();
const START: CommandRecord = {
	commandId: randomUUID(),
	accountId: ACCOUNT,
	generation: 5,
	epoch: 1,
	kind: 'start_ea',
	closePositions: false,
	settings: SETTINGS
};

/** A terminal that an agent finds running when it begins. */
function scene({ isRunning = true } = {}) {
	const journal = new Journal(new DatabaseSync(':memory:'), () => 1_000_000);
	const done: string[] = [];
	let load: { generation: number; leftMs: number } | null = null;
	const steps = {
		instance: {
			adopt: async () => (isRunning ? { pid: 1, createdAt: '1', instanceDir: 'x' } : null),
			reset: async () => {},
			get pendingLoad() {
				return load;
			},
			expectLoad: (generation: number, leftMs: number) => (load = { generation, leftMs }),
			forgetLoad: () => (load = null),
			waitStatus: async (_isWanted: unknown, { timeoutMs }: { timeoutMs: number }) => {
				done.push(`waits ${timeoutMs} ms`);
				return null;
			},
			request: async (verb: string) => {
				done.push(verb);
				return {};
			},
			statusSinceAnswer: async () => ({ ea: null })
		},
		bringUp: { endFirstLogin: async () => false },
		timings: DEFAULT_TIMINGS,
		logger: createLogger('silent')
	} as unknown as Steps;
	return { steps, journal, done };
}

describe('what an earlier agent ordered', () => {
	const signal = new AbortController().signal;

	it('is waited for before the EA is taken off, for as long as it can come', async () => {
		const { steps, journal, done } = scene();
		journal.accept(START);
		journal.intend(START);
		await takeOver(steps, journal, ACCOUNT);
		await unloadEa(steps, signal);
		expect(done).toEqual([`waits ${loadMs(DEFAULT_TIMINGS)} ms`, 'unload_ea']);
		await unloadEa(steps, signal);
		expect(done.slice(2)).toEqual(['unload_ea']);
	});

	it('is nothing without a Start that was about to act', async () => {
		const { steps, journal, done } = scene();
		journal.accept(START);
		await takeOver(steps, journal, ACCOUNT);
		await unloadEa(steps, signal);
		expect(done).toEqual(['unload_ea']);
	});

	it('went with its terminal', async () => {
		const { steps, journal, done } = scene({ isRunning: false });
		journal.accept(START);
		journal.intend(START);
		await takeOver(steps, journal, ACCOUNT);
		await unloadEa(steps, signal);
		expect(done).toEqual(['unload_ea']);
	});
});
