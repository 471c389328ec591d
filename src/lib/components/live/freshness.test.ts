import { describe, expect, it } from 'vitest';
import { STALE_AFTER_MS } from '#lib/domain/limits.ts';
import { anAccount } from '../testing/accountFactory.ts';
import { shownState } from './freshness.ts';

const SEEN_AT = '2026-11-21T14:02:11.000Z';
const seenMs = Date.parse(SEEN_AT);

describe('shownState', () => {
	it('shows a fresh state as it was seen', () => {
		const account = anAccount({ state: 'running', seenAt: SEEN_AT });
		expect(shownState(account, seenMs + STALE_AFTER_MS, false)).toMatchObject({
			state: 'running',
			areFiguresStale: false
		});
	});

	it('claims nothing once the proof is too old, and remembers what it was', () => {
		const account = anAccount({ state: 'running', seenAt: SEEN_AT });
		expect(shownState(account, seenMs + STALE_AFTER_MS + 1, false)).toEqual({
			state: 'unknown',
			lastKnownState: 'running',
			seenAtMs: seenMs,
			areFiguresStale: true
		});
	});

	it('claims nothing while the page does not hear from the server', () => {
		const account = anAccount({ state: 'paused', seenAt: SEEN_AT });
		expect(shownState(account, seenMs, true)).toMatchObject({ state: 'unknown', lastKnownState: 'paused' });
	});

	it('keeps the last known state that the server remembers', () => {
		const account = anAccount({ state: 'unknown', lastKnownState: 'degraded', seenAt: SEEN_AT });
		expect(shownState(account, seenMs + 60_000, false).lastKnownState).toBe('degraded');
	});

	it('has nothing to remember of an account that was never seen', () => {
		const account = anAccount({ state: 'unknown', lastKnownState: null, seenAt: null });
		expect(shownState(account, seenMs, false)).toEqual({
			state: 'unknown',
			lastKnownState: null,
			seenAtMs: null,
			areFiguresStale: true
		});
	});
});
