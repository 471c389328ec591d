import { describe, expect, it } from 'vitest';
import { clockWord, offsetWord, tradeTime } from './tradeTime.ts';

const NOW_MS = Date.parse('2026-11-21T22:30:00Z');
/** A broker two hours ahead: its clock shows the next day already. */
const NIGHT = { at: '2026-11-21T22:10:05.000Z', serverTime: '2026-11-22 00:10:05.000' };

describe('tradeTime', () => {
	it('shows the broker’s time as MetaTrader has it, whose day may be another one', () => {
		expect(tradeTime(NIGHT, 'BROKER', NOW_MS, 'utc').text).toBe('00:10:05');
		expect(tradeTime(NIGHT, 'UTC', NOW_MS, 'utc').text).toBe('22:10:05');
	});

	it('names the day where it is not today', () => {
		const before = { at: '2026-11-20T12:00:00.000Z', serverTime: '2026-11-20 14:00:00.000' };
		expect(tradeTime(before, 'BROKER', NOW_MS, 'utc').text).toBe('20 Nov 14:00:00');
	});

	it('has all three clocks at hand, each with its zone', () => {
		expect(tradeTime(NIGHT, 'UTC', NOW_MS, 'utc').title).toBe(
			'Mine 22:10:05 (UTC), broker 00:10:05 (UTC+2), UTC 22:10:05'
		);
	});

	it('shows the broker’s time, and says so, when its distance from UTC is not known', () => {
		const unknown = { at: null, serverTime: NIGHT.serverTime };
		expect(tradeTime(unknown, 'MINE', NOW_MS, 'utc')).toEqual({
			text: '22 Nov 2026 00:10:05',
			isBroker: true,
			title: 'Broker’s clock: 2026-11-22 00:10:05.000. How far it is ahead of UTC is not known.'
		});
		expect(tradeTime(unknown, 'BROKER', NOW_MS, 'utc').isBroker).toBe(false);
	});
});

describe('the words of a zone', () => {
	it('are its distance from UTC', () => {
		expect([0, 180, -300, 330].map(offsetWord)).toEqual(['UTC', 'UTC+3', 'UTC−5', 'UTC+5:30']);
		expect(clockWord('BROKER', NOW_MS, 'utc')).toBe('broker’s time');
	});
});
