import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxDrawdown, underwater, type CurvePoint } from './drawdown.ts';
import { Decimal } from './money.ts';

const curve = (...values: number[]): CurvePoint[] =>
	values.map((value, index) => ({ atMs: index, value: new Decimal(value) }));

describe('maxDrawdown', () => {
	it('finds the deepest fall, where it began, where it ended, and when it was made good', () => {
		const fall = maxDrawdown(curve(100, 120, 90, 110, 130, 125));
		expect(fall).toMatchObject({ peakAtMs: 1, troughAtMs: 2, recoveredAtMs: 4 });
		expect(fall?.depth.toString()).toBe('30');
		expect(fall?.share?.toString()).toBe('0.25');
	});
	it('says that a fall is not made good yet', () => {
		expect(maxDrawdown(curve(100, 80, 99))).toMatchObject({ troughAtMs: 1, recoveredAtMs: null });
	});
	it('can be deepest in money and not in percent', () => {
		const points = curve(100, 50, 1000, 900);
		expect(maxDrawdown(points, 'depth')?.depth.toString()).toBe('100');
		expect(maxDrawdown(points, 'share')?.share?.toString()).toBe('0.5');
	});
	it('does not exist on a curve that never falls', () => {
		expect(maxDrawdown([])).toBeNull();
		expect(maxDrawdown(curve(1, 1, 2, 3))).toBeNull();
	});
	it('has no share below a peak that is not above zero, as a curve of profit begins', () => {
		expect(maxDrawdown(curve(0, -50))).toMatchObject({ share: null });
	});

	it('is what comparing every pair of points finds', () => {
		fc.assert(
			fc.property(fc.array(fc.integer({ min: -500, max: 500 }), { maxLength: 25 }), (values) => {
				let deepest = 0;
				values.forEach((peak, from) => {
					for (const later of values.slice(from)) deepest = Math.max(deepest, peak - later);
				});
				expect(maxDrawdown(curve(...values))?.depth.toNumber() ?? 0).toBe(deepest);
				const lowest = Math.min(0, ...underwater(curve(...values)).map(({ value }) => value.toNumber()));
				expect(lowest).toBe(-deepest || 0);
			})
		);
	});
});
