import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	gain,
	growthIndex,
	MIN_DAILY_RETURNS,
	recoveryFactor,
	returnOf,
	sharpe,
	sortino,
	type Period
} from './growth.ts';
import { Decimal, ZERO } from './money.ts';

function period(start: number, end: number, deposits = 0, withdrawals = 0): Period {
	return {
		atMs: 0,
		start: new Decimal(start),
		end: new Decimal(end),
		deposits: new Decimal(deposits),
		withdrawals: new Decimal(withdrawals)
	};
}

describe('return of a period', () => {
	it('counts neither a deposit as gain nor a withdrawal as loss', () => {
		expect(returnOf(period(1000, 1500, 500))?.toString()).toBe('0');
		expect(returnOf(period(1000, 400, 0, 600))?.toString()).toBe('0');
	});
	it('is profit ÷ (start + deposits): 30 on 1,000 + 500 is 2 %', () => {
		expect(returnOf(period(1000, 1530, 500))?.toString()).toBe('0.02');
	});
	it('does not exist without capital', () => {
		expect(returnOf(period(0, 0))).toBeNull();
		expect(returnOf(period(-20, -20))).toBeNull();
	});
});

describe('gain', () => {
	it('links returns: +10 %, −10 % is −1 %, whatever is paid in between', () => {
		expect(gain([period(1000, 1100), period(5000, 4500)])?.toString()).toBe('-0.01');
	});
	it('is unknown when no period had capital', () => {
		expect(gain([])).toBeNull();
		expect(gain([period(0, 0)])).toBeNull();
	});
	it('is not changed by a deposit that stands in front of any period', () => {
		const step = fc.record({
			start: fc.integer({ min: 1, max: 1e6 }),
			profit: fc.integer({ min: -1000, max: 1000 })
		});
		fc.assert(
			fc.property(fc.array(step, { minLength: 1, maxLength: 20 }), fc.nat(1e6), (steps, deposit) => {
				const plain = steps.map(({ start, profit }) => period(start, start + profit));
				const idle = { ...period(7, 7 + deposit, deposit) };
				expect(gain([idle, ...plain])?.toString()).toBe(gain(plain)?.toString());
			})
		);
	});
	it('of the whole is the gains of its parts, linked', () => {
		const periods = [period(100, 110), period(110, 99), period(99, 120), period(120, 126)];
		const first = gain(periods.slice(0, 2))?.plus(1) ?? ZERO;
		const second = gain(periods.slice(2))?.plus(1) ?? ZERO;
		expect(first.times(second).minus(1).toFixed(20)).toBe(gain(periods)?.toFixed(20));
		expect(growthIndex(periods)).toHaveLength(4);
	});
});

describe('ratios of daily returns', () => {
	const days = (up: string, down: string, pairs: number): Decimal[] =>
		Array.from({ length: pairs }, () => [new Decimal(up), new Decimal(down)]).flat();

	it('Sharpe: returns +2 % and −1 % in turn over 20 days', () => {
		// mean 0.005; every deviation 0.015, so s = 0.015·√(20/19); 0.005 ÷ s · √252 = 5.1575…
		const expected = (0.005 / (0.015 * Math.sqrt(20 / 19))) * Math.sqrt(252);
		expect(sharpe(days('0.02', '-0.01', 10))?.toNumber()).toBeCloseTo(expected, 12);
		expect(expected).toBeCloseTo(5.1575, 4);
	});
	it('Sortino: the same days; half of them lose 1 %', () => {
		// downside deviation √(0.0001 ÷ 2) = 0.0070711; 0.005 ÷ it · √252 = 11.225
		expect(sortino(days('0.02', '-0.01', 10))?.toNumber()).toBeCloseTo(11.22497, 5);
	});
	it('are not given for too few days', () => {
		const few = days('0.02', '-0.01', 10).slice(0, MIN_DAILY_RETURNS - 1);
		expect(sharpe(few)).toBeNull();
		expect(sortino(few)).toBeNull();
	});
	it('are not given when there is no deviation to divide by', () => {
		const same = days('0.01', '0.01', 10);
		expect(sharpe(same)).toBeNull();
		expect(sortino(same)).toBeNull();
	});
	it('recovery factor: 300 of profit over a fall of 120 is 2.5; without a fall it does not exist', () => {
		expect(recoveryFactor(new Decimal(300), new Decimal(120))?.toString()).toBe('2.5');
		expect(recoveryFactor(new Decimal(300), null)).toBeNull();
	});
});
