import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDecimals, roundDecimal, signOf } from './decimal.ts';

describe('addDecimals', () => {
	it('adds what floats cannot', () => {
		expect(addDecimals('0.1', '0.2')).toBe('0.3');
		expect(addDecimals('9007199254740993', '0.01')).toBe('9007199254740993.01');
	});

	it('keeps the digits of the finest summand', () => {
		expect(addDecimals('10', '-2.50', '0.125')).toBe('7.625');
	});

	it('is zero of nothing, and has no negative zero', () => {
		expect(addDecimals()).toBe('0');
		expect(addDecimals('-1.50', '1.50')).toBe('0.00');
	});

	it('keeps the sign of a small negative', () => {
		expect(addDecimals('-0.05', '0.01')).toBe('-0.04');
	});

	it('agrees with whole cents for any list', () => {
		fc.assert(
			fc.property(fc.array(fc.integer({ min: -1e12, max: 1e12 })), (cents) => {
				const texts = cents.map((cent) => {
					const digits = Math.abs(cent).toString().padStart(3, '0');
					return `${cent < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
				});
				const sum = cents.reduce((total, cent) => total + BigInt(cent), 0n);
				expect(BigInt(addDecimals('0.00', ...texts).replace('.', ''))).toBe(sum);
			})
		);
	});

	it('refuses what is not a decimal number', () => {
		for (const text of ['', '1e3', 'NaN', '.5', '1.', '1,000', '−5']) {
			expect(() => addDecimals(text)).toThrow(RangeError);
		}
	});
});

describe('signOf', () => {
	it('knows minus, zero and plus', () => {
		expect([signOf('-0.01'), signOf('-0.00'), signOf('3')]).toEqual([-1, 0, 1]);
	});
});

describe('roundDecimal', () => {
	it('pads', () => {
		expect(roundDecimal('5', 2)).toBe('5.00');
	});

	it('rounds half away from zero', () => {
		expect(roundDecimal('1.005', 2)).toBe('1.01');
		expect(roundDecimal('-1.005', 2)).toBe('-1.01');
		expect(roundDecimal('-0.004', 2)).toBe('0.00');
	});

	it('can drop the fraction', () => {
		expect(roundDecimal('1234.50', 0)).toBe('1235');
	});
});
