import { describe, expect, it } from 'vitest';
import { moveWaitsFor, nextMoveStep, type MoveFacts } from './accountMove.ts';

const facts = (change: Partial<MoveFacts> = {}): MoveFacts => ({
	wanted: 'STOPPED',
	openResults: 0,
	release: 'none',
	isTargetFit: true,
	...change
});

describe('a move', () => {
	it('stops what may run before anything else', () => {
		expect(nextMoveStep(facts({ wanted: 'RUNNING' }))).toBe('stop');
		expect(nextMoveStep(facts({ wanted: 'RUNNING', openResults: 2 }))).toBe('stop');
	});

	it('does not ask the old agent to let go while anything of the account is open there', () => {
		expect(nextMoveStep(facts({ openResults: 1 }))).toBe('await_settling');
		expect(nextMoveStep(facts({ wanted: 'PAUSED', openResults: 1 }))).toBe('await_settling');
		expect(nextMoveStep(facts({ wanted: 'PAUSED' }))).toBe('ask_release');
	});

	it('is done on the proof of the old agent alone', () => {
		expect(nextMoveStep(facts({ release: 'asked' }))).toBe('await_release');
		expect(nextMoveStep(facts({ release: 'asked', openResults: 1 }))).toBe('await_release');
		expect(nextMoveStep(facts({ release: 'proven', openResults: 1 }))).toBe('finish');
	});

	it('takes the account from nowhere while its target may not have it', () => {
		expect(nextMoveStep(facts({ isTargetFit: false }))).toBe('await_target');
		expect(nextMoveStep(facts({ isTargetFit: false, release: 'proven' }))).toBe('await_target');
		expect(nextMoveStep(facts({ isTargetFit: false, wanted: 'RUNNING' }))).toBe('stop');
	});

	it('says whom it waits for, and when that one is away', () => {
		const there = { name: 'vps-1', isConnected: true };
		expect(moveWaitsFor('await_release', there, 'vps-2')).toBe('waits for vps-1 to close the terminal');
		expect(moveWaitsFor('await_release', { ...there, isConnected: false }, 'vps-2')).toBe(
			'waits for vps-1, which is not connected'
		);
		expect(moveWaitsFor('await_target', there, 'vps-2')).toContain('vps-2');
	});
});
