import { describe, expect, it } from 'vitest';
import { breakLine } from './gaps.ts';

const HIDDEN = { color: 'transparent' };
const lineOf = (values: (number | null)[], afterGap: number[] = []) =>
	breakLine(
		values.map((value, time) => ({ time, value, isAfterGap: afterGap.includes(time) })),
		HIDDEN
	);

describe('breakLine', () => {
	it('hides the stroke that would lead over what is not known', () => {
		const { points, alone } = lineOf([1, 2, null, 4, 5, 6]);
		expect(points).toEqual([
			{ time: 0, value: 1 },
			{ time: 1, value: 2, ...HIDDEN },
			{ time: 2 },
			{ time: 3, value: 4 },
			{ time: 4, value: 5 },
			{ time: 5, value: 6 }
		]);
		expect(alone).toEqual([]);
	});

	it('breaks also between two points that are both known', () => {
		const { points } = lineOf([1, 2, 3, 4], [2]);
		expect(points.map((point) => 'color' in point)).toEqual([false, true, false, false]);
	});

	it('names the points that no line leads to', () => {
		expect(lineOf([1, null, 3, null, 5, 6], []).alone).toEqual([0, 2]);
		expect(lineOf([1, 2, 3], [1, 2]).alone).toEqual([0, 1, 2]);
	});
});
