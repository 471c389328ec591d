import { describe, expect, it } from 'vitest';
import { RECENT_SESSION_MS } from '#lib/domain/limits.ts';
import { RecentSessions } from './recentSessions.ts';

const session = (id: string) => ({ session: { id } });

describe('RecentSessions', () => {
	it('S6: knows a session for ten minutes after it was seen, and not longer', () => {
		let nowMs = 0;
		const recent = new RecentSessions<ReturnType<typeof session>>(() => nowMs);
		recent.remember('hash', session('a'));
		nowMs = RECENT_SESSION_MS;
		expect(recent.recall('hash')).toEqual(session('a'));
		nowMs += 1;
		expect(recent.recall('hash')).toBeNull();
	});

	it('S6: does not know a session that was ended, nor one it never saw', () => {
		const recent = new RecentSessions<ReturnType<typeof session>>(() => 0);
		recent.remember('hash', session('a'));
		recent.remember('other', session('b'));
		recent.forget(['a']);
		expect(recent.recall('hash')).toBeNull();
		expect(recent.recall('never')).toBeNull();
		expect(recent.recall('other')).toEqual(session('b'));
	});
});
