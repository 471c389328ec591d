/** Every invariant must be able to fail: a history in order, and what the checker says when one thing of it is wrong. */
import { beforeEach, describe, expect, it } from 'vitest';
import { Checker } from './checker.ts';
import { DOWN, type Truth } from './terminals/truth.ts';

const ACCOUNT = 'the account';
const UP: Truth = { ...DOWN, isUp: true, isConnected: true, login: '500001' };
const running = (generation: number): Truth => ({ ...UP, generation, isAlgoOn: true, isReady: true });

let nowMs: number;
let resumesByItself: boolean;
let checker: Checker;
const found = (): string[] => [...new Set(checker.violations.map(({ invariant }) => invariant))];

beforeEach(() => {
	nowMs = 0;
	resumesByItself = true;
	checker = new Checker({
		nowMs: () => nowMs,
		nameOf: (accountId) => accountId,
		resumesByItself: () => resumesByItself
	});
});

/** Given, accepted, loaded, seen running, reported by the agent, committed by the web. */
function startSucceeds(generation: number): void {
	give(generation);
	checker.accepted('start_ea', ACCOUNT, generation);
	checker.loaded(ACCOUNT, generation);
	checker.changed(ACCOUNT, running(generation), 1);
	endStart(generation, 'success', 'agent');
	endStart(generation, 'success', 'web');
}
const give = (generation: number): void =>
	checker.issued(`start ${generation}`, 'start_ea', ACCOUNT, generation, nowMs + 15_000);
const endStart = (
	generation: number,
	status: 'success' | 'failed' | 'expired' | 'superseded',
	by: 'agent' | 'web'
): void => checker.ended('start_ea', ACCOUNT, generation, status, by);

function stopSucceeds(generation: number): void {
	checker.issued(`stop ${generation}`, 'stop_ea', ACCOUNT, generation, 0);
	checker.changed(ACCOUNT, UP, 1);
	checker.ended('stop_ea', ACCOUNT, generation, 'success', 'agent');
	checker.ended('stop_ea', ACCOUNT, generation, 'success', 'web');
}

describe('the checker', () => {
	it('finds nothing in a history that is in order', () => {
		startSucceeds(1);
		checker.shown(ACCOUNT, 'running');
		stopSucceeds(2);
		startSucceeds(3);
		// It crashes, and comes back by itself.
		checker.changed(ACCOUNT, DOWN, 0);
		checker.loaded(ACCOUNT, 3);
		checker.changed(ACCOUNT, running(3), 1);
		checker.tick();
		checker.settledView(ACCOUNT, 'running');
		checker.settledTruth(ACCOUNT, 'RUNNING');
		expect(checker.violations).toEqual([]);
	});

	it('I1: a Start that is accepted after its deadline', () => {
		give(1);
		nowMs = 15_600;
		checker.accepted('start_ea', ACCOUNT, 1);
		expect(found()).toEqual(['I1']);
	});

	it('I1: a Start that is accepted long after it was pressed, whatever its deadline says', () => {
		nowMs = 40_000;
		give(1);
		checker.pressed(ACCOUNT, 1, 10_000);
		checker.accepted('start_ea', ACCOUNT, 1);
		expect(found()).toEqual(['I1']);
	});

	it('I1: a Start with an effect when its deployment is over', () => {
		give(1);
		checker.accepted('start_ea', ACCOUNT, 1);
		nowMs = 73_000;
		checker.loaded(ACCOUNT, 1);
		expect(found()).toEqual(['I1']);
	});

	it('I2: an EA that trades for a Start older than a confirmed Stop', () => {
		startSucceeds(1);
		stopSucceeds(2);
		checker.changed(ACCOUNT, running(1), 1);
		expect(found()).toEqual(['I2']);
	});

	it('I2: an EA that trades again after stop-all was proven, until there is a new Start', () => {
		startSucceeds(1);
		checker.stopAllRead([ACCOUNT]);
		checker.changed(ACCOUNT, UP, 1);
		checker.stopAllDone([ACCOUNT]);
		startSucceeds(2);
		expect(found()).toEqual([]);
		checker.changed(ACCOUNT, running(1), 1);
		expect(found()).toEqual(['I2']);
	});

	it('I2: a stop-all that is said to be proven while the EA trades', () => {
		startSucceeds(1);
		checker.stopAllRead([ACCOUNT]);
		checker.stopAllDone([ACCOUNT]);
		expect(found()).toEqual(['I2']);
	});

	it('I3: two live terminals of one account', () => {
		checker.changed(ACCOUNT, UP, 2);
		expect(found()).toEqual(['I3']);
	});

	it('I4: a Start that is deployed twice', () => {
		give(1);
		checker.accepted('start_ea', ACCOUNT, 1);
		checker.loaded(ACCOUNT, 1);
		checker.loaded(ACCOUNT, 1);
		expect(found()).toEqual(['I4']);
	});

	it.each(['failed', 'expired'] as const)('I5: a Start that was %s, and trades', (status) => {
		give(1);
		checker.accepted('start_ea', ACCOUNT, 1);
		endStart(1, status, 'web');
		checker.changed(ACCOUNT, running(1), 1);
		expect(found()).toEqual(['I5']);
	});

	it('I5: a Start that is said to have succeeded, and never ran', () => {
		give(1);
		checker.accepted('start_ea', ACCOUNT, 1);
		endStart(1, 'success', 'agent');
		expect(found()).toEqual(['I5']);
	});

	it('I5: a Stop that is said to be done while the EA trades', () => {
		startSucceeds(1);
		checker.ended('stop_ea', ACCOUNT, 2, 'success', 'agent');
		expect(found()).toEqual(['I5']);
	});

	it('I5: a superseded Start that trades on and on', () => {
		give(1);
		checker.accepted('start_ea', ACCOUNT, 1);
		checker.loaded(ACCOUNT, 1);
		checker.changed(ACCOUNT, running(1), 1);
		endStart(1, 'superseded', 'web');
		checker.tick();
		expect(found()).toEqual([]);
		nowMs = 125_000;
		checker.tick();
		expect(found()).toEqual(['I5']);
	});

	it('I6: a command that is never decided, a view that stays wrong, an EA that nobody wants', () => {
		checker.unfinished(ACCOUNT, 'start_ea', 1, 'timeout');
		expect(checker.violations).toHaveLength(1);
		startSucceeds(1);
		checker.settledView(ACCOUNT, 'stopped');
		expect(checker.violations).toHaveLength(2);
		checker.settledTruth(ACCOUNT, 'STOPPED');
		expect(checker.violations).toHaveLength(3);
		expect(found()).toEqual(['I6']);
	});

	it('I7: an effect that nobody gave, and a command without its audit row', () => {
		checker.loaded(ACCOUNT, 5);
		expect(found()).toEqual(['I7']);
		checker.accepted('start_ea', ACCOUNT, 6);
		checker.unaudited('command 7');
		expect(checker.violations).toHaveLength(3);
		expect(found()).toEqual(['I7']);
	});

	it('I8: an older generation that is loaded after a newer one', () => {
		give(1);
		checker.accepted('start_ea', ACCOUNT, 1);
		startSucceeds(2);
		checker.loaded(ACCOUNT, 1);
		expect(found()).toContain('I8');
	});

	it('I9: a trader who is told of another trader’s accounts', () => {
		checker.leaked('trader 1', 'account 3');
		expect(found()).toEqual(['I9']);
	});

	it('C4: a state that is shown as present long after it ended', () => {
		startSucceeds(1);
		nowMs = 1_000;
		checker.changed(ACCOUNT, UP, 1);
		nowMs = 35_000;
		checker.shown(ACCOUNT, 'running');
		checker.shown(ACCOUNT, 'unknown');
		expect(found()).toEqual([]);
		nowMs = 37_000;
		checker.shown(ACCOUNT, 'running');
		expect(found()).toEqual(['C4']);
	});

	it('R2: an EA that runs on without the server for longer than its trader lets it', () => {
		startSucceeds(1);
		nowMs = 60_000;
		checker.leftAlone(ACCOUNT, 10_000);
		expect(found()).toEqual(['R2']);
	});

	it('I2: an EA that the dead-man policy paused, and that trades again without a new Start', () => {
		startSucceeds(1);
		checker.changed(ACCOUNT, { ...running(1), isAlgoOn: false }, 1);
		nowMs = 60_000;
		checker.leftAlone(ACCOUNT, 10_000);
		expect(found()).toEqual([]);
		checker.changed(ACCOUNT, running(1), 1);
		expect(found()).toEqual(['I2']);
	});

	it('R2: an EA that is brought back though its trader wants to be asked', () => {
		resumesByItself = false;
		startSucceeds(1);
		checker.changed(ACCOUNT, DOWN, 0);
		checker.loaded(ACCOUNT, 1);
		expect(found()).toEqual(['R2']);
	});
});
