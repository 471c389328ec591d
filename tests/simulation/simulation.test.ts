import { describe, expect, it } from 'vitest';
import { WEAKNESSES, type Weakness } from './agentNode.ts';
import { BAD_SEEDS } from './badSeeds.ts';
import { runWorld } from './world.ts';

/**
 * Where each guard is missed, so that the search is short; after a change of the world it goes on from there. That of
 * generations is missed where traders take back what they pressed, which they do in every tenth world.
 */
const SEARCH: Record<Weakness, { from: number; step: number }> = {
	deadline: { from: 25, step: 1 },
	generation: { from: 77, step: 10 },
	journal: { from: 3, step: 1 }
};
const MOST_WORLDS = 400;

describe('the simulation', () => {
	it('tells the same story for the same seed, and another one for another', async () => {
		const [first, second, other] = [
			await runWorld({ seed: 2026 }),
			await runWorld({ seed: 2026 }),
			await runWorld({ seed: 2027 })
		];
		expect(second.digest).toBe(first.digest);
		expect(second.commands).toBe(first.commands);
		expect(other.digest).not.toBe(first.digest);
	});

	it.each(BAD_SEEDS)('seed $seed stays good: $found', async ({ seed }) => {
		expect((await runWorld({ seed })).violations).toEqual([]);
	});
});

describe('the checker', () => {
	it.each(WEAKNESSES)('misses the guard of %s when it is left out', async (weakness) => {
		const { from, step } = SEARCH[weakness];
		let worlds = 0;
		for (let seed = from; worlds < MOST_WORLDS; seed += step, worlds++) {
			const { violations } = await runWorld({ seed, weakness });
			// The same world is faultless with the guard in place: it is the guard that is missed.
			if (violations.length > 0 && (await runWorld({ seed })).violations.length === 0) return;
		}
		expect.fail(`no violation in ${worlds} worlds without ${weakness}`);
	});
});
