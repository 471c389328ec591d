import { describe, expect, it } from 'vitest';
import {
	countResults,
	isFinal,
	isReached,
	isRetryable,
	RESULT_STATUSES,
	summarise
} from './commandLifecycle.ts';

const account = (isEnabledForTrading: boolean, wanted: 'RUNNING' | 'PAUSED' | 'STOPPED') => ({
	isEnabledForTrading,
	wanted
});

describe('isReached', () => {
	it('lets Start reach enabled accounts alone', () => {
		expect(isReached('start_ea', account(true, 'STOPPED'))).toBe(true);
		expect(isReached('start_ea', account(false, 'RUNNING'))).toBe(false);
	});

	it('lets nothing that is wanted running escape Pause and Stop', () => {
		expect(isReached('stop_ea', account(false, 'RUNNING'))).toBe(true);
		expect(isReached('pause_ea', account(false, 'RUNNING'))).toBe(true);
		expect(isReached('stop_ea', account(false, 'STOPPED'))).toBe(false);
	});
});

describe('countResults', () => {
	it('counts as successful only what was proven, and as failed only what is over', () => {
		expect(countResults(['success', 'failed', 'timeout', 'waiting', 'executing', 'expired'])).toEqual({
			total: 6,
			successful: 1,
			failed: 2,
			open: 3
		});
	});

	it('puts every status into exactly one of the three', () => {
		for (const status of RESULT_STATUSES) {
			const { successful, failed, open } = countResults([status]);
			expect(successful + failed + open).toBe(1);
			expect(open === 0).toBe(isFinal(status));
		}
	});
});

describe('isRetryable', () => {
	it('never offers to repeat what was done, is at work, waits, or was replaced', () => {
		for (const status of ['success', 'dispatched', 'executing', 'waiting', 'superseded'] as const)
			expect(isRetryable(status)).toBe(false);
	});
});

describe('summarise', () => {
	it('says it in one sentence, unknown and waiting by name', () => {
		expect(summarise('stop_ea', ['success', 'success'])).toBe('All 2 accounts stopped.');
		expect(summarise('start_ea', ['success', 'failed', 'executing'])).toBe(
			'1 of 3 accounts started, 1 failed, 1 still at work.'
		);
		expect(summarise('pause_ea', ['waiting', 'timeout'])).toBe(
			'0 of 2 accounts paused, 1 will apply when the agent is back, 1 unknown.'
		);
	});
});
