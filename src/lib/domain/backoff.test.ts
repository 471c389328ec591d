import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fullJitter } from './backoff.ts';

describe('fullJitter', () => {
	it('stays between zero and the cap, for every attempt', () => {
		fc.assert(
			fc.property(
				fc.nat(),
				fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
				(attempt, random) => {
					const waitMs = fullJitter(attempt, 500, 30_000, () => random);
					expect(waitMs).toBeGreaterThanOrEqual(0);
					expect(waitMs).toBeLessThan(30_000);
				}
			)
		);
	});

	it('doubles its ceiling with every failure until the cap', () => {
		const highest = (attempt: number) => fullJitter(attempt, 500, 30_000, () => 0.999_999);
		expect([0, 1, 2, 3, 10].map(highest)).toEqual([499, 999, 1999, 3999, 29_999]);
	});
});
