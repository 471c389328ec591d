import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokerOffsetMin, seeOffset, zoneOffsetMin, type SeenOffset } from './brokerClock.ts';

const MIN_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** How far this place's clock is ahead of UTC, by the time zone database of the runtime. */
function offsetOfPlace(timeZone: string): (utcMs: number) => number {
	const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
	return (utcMs) => {
		const text = format.formatToParts(utcMs).find(({ type }) => type === 'timeZoneName')?.value ?? '';
		const [, sign = '+', hours = '0', minutes = '0'] = /GMT([+-])(\d+):(\d+)/.exec(text) ?? [];
		return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
	};
}
const helsinki = offsetOfPlace('Europe/Helsinki');
const newYork = offsetOfPlace('America/New_York');
/** The two clocks that most brokers' servers have. */
const CLOCKS = {
	eu: helsinki,
	us: (utcMs: number) => newYork(utcMs) + 7 * 60
} as const;
const clockOf = (offsetAt: (utcMs: number) => number, utcMs: number): number =>
	utcMs + offsetAt(utcMs) * MIN_MS;
const moments = fc.integer({ min: Date.UTC(2010, 0, 1), max: Date.UTC(2035, 0, 1) });
/** An agent that watched from one moment to another, looking every hour. */
function watched(offsetAt: (utcMs: number) => number, fromMs: number, hours: number): SeenOffset[] {
	let seen: SeenOffset[] = [];
	for (let hour = 0; hour <= hours; hour++) {
		const utcMs = fromMs + hour * HOUR_MS;
		seen = seeOffset(seen, clockOf(offsetAt, utcMs), offsetAt(utcMs));
	}
	return seen;
}

describe('the clock of a broker’s server', () => {
	it('D4: changes to summer time and back when the time zone database says so', () => {
		fc.assert(
			fc.property(moments, (utcMs) => {
				expect(zoneOffsetMin({ winterMin: 120, calendar: 'eu' }, utcMs)).toBe(CLOCKS.eu(utcMs));
				expect(zoneOffsetMin({ winterMin: 120, calendar: 'us' }, utcMs)).toBe(CLOCKS.us(utcMs));
			}),
			{ numRuns: 500 }
		);
	});

	it('D4: a past deal becomes the moment it happened at, whichever season it is read in', () => {
		fc.assert(
			fc.property(moments, moments, (dealMs, readMs) => {
				const seen = watched(CLOCKS.eu, readMs, 0);
				const clockMs = clockOf(CLOCKS.eu, dealMs);
				const offBy = dealMs - (clockMs - brokerOffsetMin(seen, clockMs) * MIN_MS);
				// The hour that the clock shows twice cannot be told apart; every other can.
				const isTwice = CLOCKS.eu(dealMs - HOUR_MS) !== CLOCKS.eu(dealMs + HOUR_MS);
				expect(isTwice ? [0, -HOUR_MS] : [0]).toContain(offBy);
			}),
			{ numRuns: 1_000 }
		);
	});

	it.each(['eu', 'us'] as const)('D4: once it was seen to change, the %s calendar is known', (calendar) => {
		const offsetAt = CLOCKS[calendar];
		// From two days before the earlier change of spring to two days after the later one.
		const seen = watched(offsetAt, Date.UTC(2026, 2, 6), 26 * 24);
		fc.assert(
			fc.property(moments, (dealMs) => {
				const clockMs = clockOf(offsetAt, dealMs);
				const isTwice = offsetAt(dealMs - HOUR_MS) !== offsetAt(dealMs + HOUR_MS);
				if (!isTwice) expect(brokerOffsetMin(seen, clockMs)).toBe(offsetAt(dealMs));
			}),
			{ numRuns: 500 }
		);
	});

	it('D4: of the hour that comes twice, what was watched is told apart', () => {
		const changeMs = Date.UTC(2026, 9, 25, 1);
		const until = (utcMs: number): SeenOffset[] => {
			let seen: SeenOffset[] = [];
			for (let ms = changeMs - 2 * HOUR_MS; ms <= utcMs; ms += 30_000)
				seen = seeOffset(seen, clockOf(CLOCKS.eu, ms), CLOCKS.eu(ms));
			return seen;
		};
		for (const minutes of [-59, -30, -1, 1, 30, 59]) {
			const dealMs = changeMs + minutes * MIN_MS;
			const clockMs = clockOf(CLOCKS.eu, dealMs);
			expect(clockMs - brokerOffsetMin(until(dealMs + 30_000), clockMs) * MIN_MS).toBe(dealMs);
		}
	});

	it('D4: a clock of no known calendar is taken to have been as it is', () => {
		for (const offsetMin of [0, 330, 480, -300]) {
			const seen = seeOffset([], Date.UTC(2026, 10, 21), offsetMin);
			expect(brokerOffsetMin(seen, Date.UTC(2026, 6, 1))).toBe(offsetMin);
		}
		// Ahead by two hours in July: not Helsinki's.
		expect(brokerOffsetMin(seeOffset([], Date.UTC(2026, 6, 1), 120), Date.UTC(2026, 0, 5))).toBe(120);
	});

	it('remembers the newest changes alone', () => {
		let seen: SeenOffset[] = [];
		for (let i = 0; i < 40; i++) seen = seeOffset(seen, i * 182 * DAY_MS, i % 2 === 0 ? 120 : 180);
		expect(seen).toHaveLength(8);
		expect(seen.at(-1)?.fromMs).toBe(39 * 182 * DAY_MS);
	});
});
