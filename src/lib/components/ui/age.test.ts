import { describe, expect, it } from 'vitest';
import { formatAge, formatDuration, formatMoment } from './age.ts';

describe('formatAge', () => {
	it('counts seconds, minutes, hours and days', () => {
		expect([1_999, 60_000, 7_200_000, 172_800_000].map(formatAge)).toEqual(['1 s', '1 min', '2 h', '2 d']);
	});

	it('never goes below zero when clocks differ', () => {
		expect(formatAge(-400)).toBe('0 s');
	});
});

describe('formatDuration', () => {
	it('has tenths where they matter', () => {
		expect([1_420, 32_100, 125_000].map(formatDuration)).toEqual(['1.4 s', '32 s', '2 min 5 s']);
	});
});

describe('formatMoment', () => {
	const at = Date.UTC(2026, 10, 20, 14, 2, 11);

	it('is the clock alone on the same day', () => {
		expect(formatMoment(at, at + 60_000, 'utc')).toBe('14:02:11 UTC');
	});

	it('names the day on another, and the year in another', () => {
		expect(formatMoment(at, at + 86_400_000, 'utc')).toBe('20 Nov 14:02:11 UTC');
		expect(formatMoment(at, at + 400 * 86_400_000, 'utc')).toBe('20 Nov 2026 14:02:11 UTC');
	});
});
