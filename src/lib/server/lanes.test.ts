import { describe, expect, it } from 'vitest';
import { createLanes } from './lanes.ts';

describe('lanes', () => {
	it('runs one after the other under one key, in order, also after a failure', async () => {
		const inLane = createLanes();
		const seen: string[] = [];
		const work = (name: string, fails = false) =>
			inLane(['a'], async () => {
				seen.push(`${name} begins`);
				await Promise.resolve();
				seen.push(`${name} ends`);
				if (fails) throw new Error(name);
				return name;
			});
		const answers = await Promise.allSettled([work('1'), work('2', true), work('3')]);
		expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
		expect(seen).toEqual(['1 begins', '1 ends', '2 begins', '2 ends', '3 begins', '3 ends']);
	});

	it('lets different keys run side by side', async () => {
		const inLane = createLanes();
		const { promise: held, resolve: release } = Promise.withResolvers<void>();
		const first = inLane(['a'], () => held);
		expect(await inLane(['b'], () => Promise.resolve('through'))).toBe('through');
		release();
		await first;
	});

	it('takes several lanes at once, whatever the order they are named in', async () => {
		const inLane = createLanes();
		const { promise: held, resolve: release } = Promise.withResolvers<void>();
		const seen: string[] = [];
		const note = (name: string) => async () => void seen.push(name);
		const all = [
			inLane(['b'], () => held),
			inLane(['a', 'b'], note('a and b')),
			inLane(['b', 'a'], note('b and a')),
			inLane(['a'], note('a'))
		];
		await inLane(['c'], note('c'));
		expect(seen).toEqual(['c']);
		release();
		await Promise.all(all);
		expect(seen).toEqual(['c', 'a and b', 'b and a', 'a']);
	});
});
