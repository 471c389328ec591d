import { describe, expect, it } from 'vitest';
import { curveStepMs } from './curveSteps.ts';

const NOW = Date.parse('2026-11-21T14:00:00Z');
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const lastDays = (days: number) => curveStepMs(NOW - days * DAY_MS, NOW, NOW) / MINUTE_MS;

describe('curveStepMs', () => {
	it('is finer for a shorter range', () => {
		expect([1, 7, 30, 90, 365].map(lastDays)).toEqual([5, 15, 60, 240, 1_440]);
	});

	it('is never finer than what is kept of that time', () => {
		const week = (daysAgo: number) =>
			curveStepMs(NOW - (daysAgo + 1) * DAY_MS, NOW - daysAgo * DAY_MS, NOW) / MINUTE_MS;
		expect([week(0), week(10), week(100)]).toEqual([5, 15, 1_440]);
	});
});
