import { describe, expect, it } from 'vitest';
import { brokerOffsetAt, momentLine, momentText, type ClockChoice } from './shownClock.ts';

const NOW_MS = Date.parse('2026-11-21T22:30:00Z');
const AT_MS = Date.parse('2026-11-21T22:10:05Z');
const choice = (change: Partial<ClockChoice>): ClockChoice => ({
	clock: 'MINE',
	nowMs: NOW_MS,
	zone: 'utc',
	brokerNowMin: 120,
	...change
});

describe('a moment by the clock that was chosen', () => {
	it('is by the broker’s clock, whose day may be another one, and says so', () => {
		const { text, zoneWord } = momentText(AT_MS, choice({ clock: 'BROKER' }));
		expect([text, zoneWord]).toEqual(['00:10:05', 'broker']);
		const dayBefore = momentText(AT_MS - 86_400_000, choice({ clock: 'BROKER' }));
		expect(dayBefore.text).toBe('21 Nov 00:10:05');
	});

	it('is by the person’s own clock where no broker’s is known, with its distance from UTC', () => {
		expect(momentLine(momentText(AT_MS, choice({ clock: 'BROKER', brokerNowMin: null })))).toBe(
			'22:10:05 UTC'
		);
	});

	it('names UTC, and not the person’s own clock where that was chosen', () => {
		expect(momentLine(momentText(AT_MS, choice({ clock: 'UTC', zone: 'local' })))).toBe('22:10:05 UTC');
		expect(momentText(AT_MS, choice({ zone: 'local' })).zoneWord).toBe('');
		// Before the page is live the browser's zone is not known.
		expect(momentText(AT_MS, choice({})).zoneWord).toBe('UTC');
	});

	it('has all clocks at hand that are known', () => {
		expect(momentText(AT_MS, choice({})).title).toBe(
			'Mine 22:10:05 (UTC), broker 00:10:05 (UTC+2), UTC 22:10:05'
		);
		expect(momentText(AT_MS, choice({ brokerNowMin: null })).title).toBe('Mine 22:10:05 (UTC), UTC 22:10:05');
	});

	it('is by the broker’s summer time where it was summer', () => {
		expect(brokerOffsetAt(Date.parse('2026-07-01T12:00:00Z'), 120, NOW_MS)).toBe(180);
		expect(brokerOffsetAt(AT_MS, 120, NOW_MS)).toBe(120);
	});
});
