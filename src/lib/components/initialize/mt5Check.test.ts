import { describe, expect, it } from 'vitest';
import type { AccountView } from '#lib/domain/views.ts';
import { shownState } from '../live/freshness.ts';
import { anAccount } from '../testing/accountFactory.ts';
import { CHECK_MS, checkAccount, initializeState } from './mt5Check.ts';

const ASKED = Date.parse('2026-11-21T12:00:00Z');
const at = (ms: number) => new Date(ASKED + ms).toISOString();
const check = (change: Partial<AccountView>, afterMs = 1_000) => {
	const account = anAccount(change);
	const nowMs = ASKED + afterMs;
	return checkAccount(account, shownState(account, nowMs, false), { askedAtMs: ASKED, nowMs });
};

describe('checkAccount', () => {
	it('C7: believes only what was seen since it was asked for', () => {
		expect(check({ connection: 'connected', seenAt: at(-500) })).toMatchObject({
			state: 'checking',
			isFresh: false
		});
		expect(check({ connection: 'connected', seenAt: at(500) })).toMatchObject({
			state: 'connected',
			isFresh: true
		});
	});

	it('C7: who is not heard in time is an error, also after it was connected', () => {
		expect(check({ connection: 'connected', seenAt: at(-500) }, CHECK_MS)).toMatchObject({ state: 'error' });
		expect(check({ connection: 'connected', seenAt: at(500) }, 60_000)).toMatchObject({
			state: 'error',
			isFresh: false
		});
		expect(check({ connection: 'connecting', seenAt: at(CHECK_MS - 1) }, CHECK_MS).state).toBe('error');
	});

	it('C7: says the fault with its remedy, and at once that there is no agent', () => {
		const fault = { code: 'login_refused', message: 'The broker refused the login.', remedy: 'Check it.' };
		expect(check({ connection: 'login_refused', state: 'down', seenAt: at(500), fault })).toMatchObject({
			state: 'error',
			error: fault
		});
		expect(check({ connection: 'agent_offline', seenAt: at(-500) })).toMatchObject({ state: 'error' });
	});
});

describe('initializeState', () => {
	it('C7: is idle, checking, connected or an error', () => {
		const connected = check({ connection: 'connected', seenAt: at(500) });
		const waiting = check({ connection: 'connected', seenAt: at(-500) });
		const failed = check({ connection: 'agent_offline' });
		const byTrader = check({ connection: 'disconnected', state: 'down', seenAt: at(500) });
		expect(initializeState(null)).toBe('idle');
		expect(initializeState([connected, waiting, failed])).toBe('checking');
		expect(initializeState([connected, failed])).toBe('error');
		expect(initializeState([connected, byTrader])).toBe('connected');
		// Nobody is connected, and that is not what was asked for.
		expect(initializeState([byTrader])).toBe('error');
	});
});
