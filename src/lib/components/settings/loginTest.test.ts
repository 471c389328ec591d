import { describe, expect, it } from 'vitest';
import type { AccountView } from '#lib/domain/views.ts';
import { shownState } from '../live/freshness.ts';
import { anAccount } from '../testing/accountFactory.ts';
import { loginTest, provenFrom } from './loginTest.ts';

const SAVED = Date.parse('2026-11-21T12:00:00Z');
const at = (afterMs: number) => new Date(SAVED + afterMs).toISOString();
/** @param seenBefore what was on record of it when it was saved */
const test = (change: Partial<AccountView>, seenBefore: string | null = at(-500), seenAfterMs = 3_000) => {
	const account = anAccount({ seenAt: at(seenAfterMs), ...change });
	const shown = shownState(account, SAVED + seenAfterMs, false);
	return loginTest(account, shown, provenFrom({ seenAt: seenBefore }, SAVED));
};

describe('C1: the test of a login', () => {
	it('is passed or refused by what the terminal said since, not by what it said of the login before', () => {
		expect(test({ connection: 'connected' })).toBe('passed');
		expect(test({ connection: 'connected' }, at(-500), 2_000)).toBe('testing');
		expect(test({ connection: 'login_refused', state: 'down' })).toBe('refused');
		expect(test({ connection: 'login_refused', state: 'down' }, at(-500), -500)).toBe('testing');
		expect(test({ connection: 'connected', seenAt: null, figures: null })).toBe('testing');
	});

	it('believes the first word of a new account at once', () => {
		expect(test({ connection: 'login_refused', state: 'down' }, null, 400)).toBe('refused');
		expect(test({ connection: 'connected' }, null, 400)).toBe('passed');
	});

	it('goes on while the terminal comes up or looks for its broker', () => {
		for (const connection of ['connecting', 'down', 'broker_lost', 'unknown'] as const)
			expect(test({ connection })).toBe('testing');
	});

	it('says when there is nobody to test it', () => {
		expect(test({ connection: 'unassigned' })).toBe('no_agent');
		expect(test({ connection: 'agent_offline' })).toBe('no_agent');
		expect(test({ needsPassword: true, connection: 'unassigned' })).toBe('no_agent');
		const agent = { id: 'a', name: 'vps', isConnected: true, lastSeenAt: null };
		expect(test({ needsPassword: true, agent, connection: 'unknown' })).toBe('needs_password');
		expect(test({ status: 'INACTIVE', connection: 'inactive' })).toBe('not_active');
	});
});
