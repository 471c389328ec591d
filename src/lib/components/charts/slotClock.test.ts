import { describe, expect, it } from 'vitest';
import type { ClockChoice } from '../ui/shownClock.ts';
import { commonOffsetMin, slotClock, tickLabel } from './slotClock.ts';

const MIDNIGHT_MS = Date.parse('2026-11-21T00:00:00Z');
const choice = (change: Partial<ClockChoice>): ClockChoice => ({
	clock: 'BROKER',
	nowMs: MIDNIGHT_MS + 86_400_000,
	zone: 'utc',
	brokerNowMin: 120,
	...change
});
const seen = (brokerOffsetMin: number) => ({ vitals: { brokerOffsetMin } });

describe('the clock of a chart', () => {
	it('names slots as the broker’s clock shows them', () => {
		const clock = slotClock(choice({}));
		expect(clock.word).toBe('the broker’s');
		expect(tickLabel(MIDNIGHT_MS + 3_600_000, false, clock)).toBe('03:00');
		expect(tickLabel(MIDNIGHT_MS, true, clock)).toBe('21 Nov 02:00');
	});

	it('is the person’s own where the brokers differ or one is not known, and UTC where that was chosen', () => {
		expect(slotClock(choice({ brokerNowMin: null, zone: 'local' })).word).toBe('your own');
		const utc = slotClock(choice({ clock: 'UTC' }));
		expect(utc.word).toBe('UTC');
		expect(tickLabel(MIDNIGHT_MS, true, utc)).toBe('21 Nov');
	});

	it('is a broker’s when all accounts have the same', () => {
		expect(commonOffsetMin([seen(120), seen(120)])).toBe(120);
		expect(commonOffsetMin([seen(120), seen(180)])).toBeNull();
		expect(commonOffsetMin([seen(120), { vitals: null }])).toBeNull();
		expect(commonOffsetMin([])).toBeNull();
	});
});
