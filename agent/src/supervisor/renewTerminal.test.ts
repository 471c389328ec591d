import { describe, expect, it } from 'vitest';
import { type Fence, type Fences } from '../link/fences.ts';
import { whyNotNow } from './renewTerminal.ts';
import { type Steps } from './steps.ts';

const STOPPED = { ea: null, isTerminalTradeAllowed: false };
const signal = new AbortController().signal;

interface Case {
	fence?: Partial<Fence>;
	block?: string;
	isUnderWay?: boolean;
	isUp?: boolean;
	fresh?: object | null;
	/** What its bridge says next. */
	next?: object | null;
	isRight?: boolean;
	pendingLoad?: object;
	isUpdating?: boolean;
}

/** A terminal that is up and proven stopped, but for what the case changes. */
function whyNot(given: Case): Promise<string | null> {
	const { isUp = true, fresh = STOPPED, isRight = true } = given;
	const steps = {
		bringUp: {
			block: given.block ?? null,
			isUnderWay: given.isUnderWay ?? false,
			isRight: () => isRight
		},
		instance: {
			process: isUp ? {} : null,
			fresh,
			nextStatus: async () => given.next ?? null,
			pendingLoad: given.pendingLoad ?? null,
			pendingToggle: null,
			seenUpAtMs: -Infinity,
			isUpdating: async () => given.isUpdating ?? false,
			adopt: async () => null
		},
		clock: { monotonicMs: () => 0 },
		timings: { updateMs: 0, selfRestartMs: 0, requestMs: 0 }
	} as unknown as Steps;
	const fence = { wanted: 'STOPPED', maxGeneration: 3, failedGeneration: 0, ...given.fence };
	const fences = { of: () => fence } as unknown as Fences;
	return whyNotNow(steps, { accountId: 'a', fences }, signal);
}

describe('a terminal is closed for a renewal', () => {
	it('while its EA is off and Algo Trading is off, both seen just now', async () => {
		expect(await whyNot({})).toBeNull();
	});

	it('while its last word is old, and the next one says so', async () => {
		expect(await whyNot({ fresh: null, next: STOPPED })).toBeNull();
		expect(await whyNot({ fresh: null, next: { ...STOPPED, ea: {} } })).toMatch(/not proven/);
	});

	it('while it is down for good', async () => {
		expect(await whyNot({ isUp: false, fresh: null })).toBeNull();
	});
});

describe('a terminal is not closed for a renewal', () => {
	it.each<[string, Case, RegExp]>([
		['its algo is to run', { fence: { wanted: 'RUNNING' } }, /Press Stop/],
		['its algo is paused', { fence: { wanted: 'PAUSED' } }, /Press Stop/],
		['its login was refused', { block: 'login_refused' }, /cure that first/],
		['it is just coming up', { isUnderWay: true }, /coming up/],
		['its bridge is silent', { fresh: null }, /not proven/],
		['it shows another account', { isRight: false }, /not proven/],
		['an EA is on its chart', { fresh: { ...STOPPED, ea: {} } }, /not proven/],
		['Algo Trading is on', { fresh: { ...STOPPED, isTerminalTradeAllowed: true } }, /not proven/],
		['an EA was ordered and has not come yet', { pendingLoad: {} }, /not proven/],
		['it is down and may be updating itself', { isUp: false, fresh: null, isUpdating: true }, /not proven/]
	])('while %s', async (_, given, reason) => {
		expect(await whyNot(given)).toMatch(reason);
	});
});
