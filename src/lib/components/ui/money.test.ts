import { describe, expect, it } from 'vitest';
import { countOf, formatDecimal, formatLots } from './money.ts';

describe('formatDecimal', () => {
	it('groups thousands and pads the digits of the currency', () => {
		expect(formatDecimal('1234567.5', { fractionDigits: 2 })).toBe('1,234,567.50');
		expect(formatDecimal('999', { fractionDigits: 0 })).toBe('999');
	});

	it('writes a true minus, and a plus when asked', () => {
		expect(formatDecimal('-61.2', { fractionDigits: 2, isSigned: true })).toBe('−61.20');
		expect(formatDecimal('61.2', { fractionDigits: 2, isSigned: true })).toBe('+61.20');
	});

	it('gives zero no sign, also when it was rounded to zero', () => {
		expect(formatDecimal('-0.001', { fractionDigits: 2, isSigned: true })).toBe('0.00');
	});
});

describe('formatLots and countOf', () => {
	it('write lots with two decimals and counts with their noun', () => {
		expect(formatLots('0.1')).toBe('0.10');
		expect([countOf(1, 'position'), countOf(0, 'position')]).toEqual(['1 position', '0 positions']);
	});
});
