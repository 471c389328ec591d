import { describe, expect, it } from 'vitest';
import { formatDay, formatHolding, formatShare, formatShort } from './figureWords.ts';

describe('figures in words', () => {
	it('shares are percent, rounded once', () => {
		expect(formatShare('0.66666667')).toBe('66.67 %');
		expect(formatShare('-0.015125', true)).toBe('−1.51 %');
		expect(formatShare('1.5', true)).toBe('+150.00 %');
		expect(formatShare('0')).toBe('0.00 %');
	});
	it('times are as long as they need to be', () => {
		expect(formatHolding(40_000)).toBe('40 s');
		expect(formatHolding(45 * 60_000)).toBe('45 min');
		expect(formatHolding(200 * 60_000)).toBe('3 h 20 min');
		expect(formatHolding(52 * 3_600_000)).toBe('2 d 4 h');
	});
	it('amounts fit a small cell', () => {
		expect(formatShort('123.5')).toBe('+124');
		expect(formatShort('-999.4')).toBe('−999');
		expect(formatShort('1439.4')).toBe('+1.4k');
		expect(formatShort('-12345.67')).toBe('−12.3k');
		expect(formatShort('0.2')).toBe('0');
	});
	it('days are words', () => {
		expect(formatDay('2026-03-02')).toBe('2 Mar 2026');
	});
});
