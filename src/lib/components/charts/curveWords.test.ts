import { describe, expect, it } from 'vitest';
import type { CurvePointView } from '#lib/domain/analyticsViews.ts';
import { describePoint, formatSlot } from './curveWords.ts';
import type { SlotClock } from './slotClock.ts';

const POINT: CurvePointView = {
	at: '2026-03-02T14:00:00.000Z',
	balance: '1000',
	equity: '1500',
	fall: null,
	flow: null,
	credit: null,
	isAfterGap: false
};
const UTC: SlotClock = { word: 'UTC', shown: (atMs) => new Date(atMs) };
const AHEAD: SlotClock = { word: 'the broker’s', shown: (atMs) => new Date(atMs + 11 * 3_600_000) };
const tell = (change: Partial<CurvePointView>) =>
	describePoint({ ...POINT, ...change }, 3_600_000, UTC, (amount) => `${amount} USD`);

describe('a point of the curve in words', () => {
	it('tells a credit apart from money paid in or out', () => {
		expect(tell({})).toBe('2 Mar 2026 14:00, equity 1500 USD, balance 1000 USD');
		expect(tell({ flow: '-20', credit: '500' })).toContain(', paid out 20 USD, credit given 500 USD');
		expect(tell({ credit: '-500' })).toContain(', credit taken back 500 USD');
	});

	it('names a slot by the chosen clock, and a day as that of UTC', () => {
		expect(formatSlot(POINT.at, 3_600_000, AHEAD)).toBe('3 Mar 2026 01:00');
		expect(formatSlot(POINT.at, 86_400_000, AHEAD)).toBe('2 Mar 2026');
	});
});
