import { describe, expect, it } from 'vitest';
import type { AccountView } from '#lib/domain/views.ts';
import { shownState } from '../live/freshness.ts';
import { anAccount } from '../testing/accountFactory.ts';
import { loginTest, SETTLE_MS } from './loginTest.ts';

const SAVED = Date.parse('2026-11-21T12:00:00Z');
const test = (change: Partial<AccountView>, seenAfterMs = SETTLE_MS) => {
	const account = anAccount({ seenAt: new Date(SAVED + seenAfterMs).toISOString(), ...change });
	return loginTest(account, shownState(account, SAVED + seenAfterMs, false), SAVED);
};

describe('C1: the test of a login', () => {
	it('is passed or refused by what the terminal said since, not by what it said before', () => {
		expect(test({ connection: 'connected' })).toBe('passed');
		expect(test({ connection: 'connected' }, SETTLE_MS - 1)).toBe('testing');
		expect(test({ connection: 'login_refused', state: 'down' })).toBe('refused');
		expect(test({ connection: 'login_refused', state: 'down' }, -500)).toBe('testing');
		expect(test({ connection: 'connected', seenAt: null, figures: null })).toBe('testing');
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
