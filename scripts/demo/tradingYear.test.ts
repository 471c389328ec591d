import { describe, expect, it } from 'vitest';
import { addDecimals } from '#lib/domain/decimal.ts';
import { tradingYear } from './tradingYear.ts';

const NOW = new Date('2026-11-21T12:00:00Z');

describe('tradingYear', () => {
	it('sums exactly to the balance that the account has', () => {
		for (const seed of [1, 50012001, 90004410]) {
			const { deals } = tradingYear('a', 1_598_020, seed, NOW);
			const amounts = deals.flatMap(({ profit, swap, commission }) => [profit, swap, commission]);
			expect(addDecimals(...amounts)).toBe('15980.20');
			expect(Number(deals[0]?.profit), 'the first deposit').toBeGreaterThan(0);
		}
	});
	it('closes what it opens, and ends before today', () => {
		const { deals, snapshots } = tradingYear('a', 2_500_000, 7, NOW);
		expect(new Set(deals.map(({ ticket }) => ticket)).size).toBe(deals.length);
		for (const [positionId, own] of Map.groupBy(deals, (deal) => deal.positionId)) {
			if (positionId === null) continue;
			const lots = own.reduce(
				(sum, { entry, lots: volume }) => sum + Math.round(Number(volume) * 100) * (entry === 'in' ? 1 : -1),
				0
			);
			expect(lots, positionId).toBe(0);
		}
		expect(deals.every(({ at }) => at < '2026-11-21')).toBe(true);
		expect(deals.length).toBeGreaterThan(400);
		expect(snapshots.at(-1)).toMatchObject({ at: '2026-11-21T11:58:00.000Z', balance: '25000.00' });
	});
	it('has been seen as the server keeps it, and twice not at all', () => {
		const { snapshots } = tradingYear('a', 2_500_000, 7, NOW);
		const minutes = snapshots.map(({ at }) => Date.parse(at) / 60_000);
		const apart = new Map<number, number>();
		for (const [n, minute] of minutes.entries()) {
			const distance = minute - (minutes[n - 1] ?? minute);
			apart.set(distance, (apart.get(distance) ?? 0) + 1);
		}
		expect([...apart.keys()].filter((distance) => ![0, 1, 15, 1_440].includes(distance))).toHaveLength(2);
		expect(snapshots.some(({ balance, equity }) => balance !== equity)).toBe(true);
	});
	it('is the same for a seed', () => {
		expect(tradingYear('a', 100_000, 3, NOW)).toEqual(tradingYear('a', 100_000, 3, NOW));
	});
});
