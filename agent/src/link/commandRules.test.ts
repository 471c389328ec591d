import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '#lib/domain/accountPolicy.ts';
import { COMMAND_RULES } from './commandRules.ts';
import { type Fence } from './fences.ts';

const fence: Fence = {
	epoch: 1,
	releasedEpoch: 0,
	maxGeneration: 3,
	wanted: 'RUNNING',
	confirmedGeneration: 3,
	failedGeneration: 0,
	settings: null,
	loginMark: null,
	refused: null,
	policy: DEFAULT_POLICY,
	isPausedWithoutServer: false,
	hasGap: false,
	forgottenGeneration: 0,
	account: null,
	process: null
};

describe('what may come back by itself', () => {
	const mayComeBack = (change: Partial<Fence>): boolean =>
		COMMAND_RULES.mayComeBack({ generation: 3 }, { ...fence, ...change });

	it('is the Start that was confirmed last, also when a newer one never arrived', () => {
		expect(mayComeBack({})).toBe(true);
		expect(mayComeBack({ maxGeneration: 4 })).toBe(true);
	});

	it.each<[string, Partial<Fence>]>([
		['an accepted command', { maxGeneration: 4, confirmedGeneration: 0 }],
		['a newer Start that succeeded', { maxGeneration: 4, confirmedGeneration: 4 }],
		['a sync that wants PAUSED', { wanted: 'PAUSED' }],
		['a sync that wants STOPPED', { wanted: 'STOPPED' }],
		['a Start that failed', { failedGeneration: 3 }],
		['the dead-man policy', { isPausedWithoutServer: true }],
		['commands that nobody here knows', { maxGeneration: 5, hasGap: true }]
	])('R2: is nothing after %s', (_, change) => {
		expect(mayComeBack(change)).toBe(false);
	});
});
