import { describe, expect, it } from 'vitest';
import { createdAtMs, STUCK_AFTER_MS, stuckUpdaters } from './updaters.ts';

const APP_DATA = 'C:\\Users\\trader\\AppData\\Roaming';
const NOW_MS = Date.parse('2026-11-21T12:00:00Z');
const filetime = (atMs: number): string => ((BigInt(atMs) + 11_644_473_600_000n) * 10_000n).toString();
const updater = (
	ageMs: number,
	path = `${APP_DATA}\\MetaQuotes\\Terminal\\0123\\liveupdate\\terminal64.exe`
) => ({
	pid: 7,
	path,
	createdAt: filetime(NOW_MS - ageMs)
});
const stuck = (...running: ReturnType<typeof updater>[]) =>
	stuckUpdaters(running, { appData: APP_DATA, nowMs: NOW_MS });

describe('a copy of LiveUpdate', () => {
	it('is left to its work while it is young', () => {
		expect(stuck(updater(0), updater(STUCK_AFTER_MS - 1))).toEqual([]);
	});

	it('is stuck when it has run for far longer than an update takes, in whatever spelling its path is', () => {
		const shouting = updater(STUCK_AFTER_MS, updater(0).path.toUpperCase());
		expect(stuck(updater(STUCK_AFTER_MS), shouting)).toHaveLength(2);
	});

	it('is left alone when it is another user’s, and no terminal is taken for one', () => {
		const others = updater(STUCK_AFTER_MS, updater(0).path.replace('trader', 'other'));
		const terminal = updater(STUCK_AFTER_MS, 'C:\\Quintet\\agent\\instances\\x\\terminal64.exe');
		const lookAlike = updater(STUCK_AFTER_MS, `${APP_DATA}\\MetaQuotes2\\liveupdate\\terminal64.exe`);
		expect(stuck(others, terminal, lookAlike)).toEqual([]);
	});

	it('has the age that Windows’ clock says', () => {
		expect(createdAtMs('133772256000000000')).toBe(Date.parse('2024-11-28T00:00:00Z'));
	});
});
