import { describe, expect, it } from 'vitest';
import type { AccountView } from '#lib/domain/views.ts';
import { shownState } from '../live/freshness.ts';
import { aLadder, anAccount } from '../testing/accountFactory.ts';
import { isDrifting, reasonOf } from './accountWords.ts';

const NOW = Date.parse('2026-11-21T14:00:05.000Z');
const shown = (account: AccountView, nowMs = NOW) => shownState(account, nowMs, false);

describe('isDrifting', () => {
	it('is true when the algo runs otherwise than wanted', () => {
		const account = anAccount({ wanted: 'RUNNING', state: 'paused' });
		expect(isDrifting(account, shown(account))).toBe(true);
	});

	it('claims no drift of a state that is not seen', () => {
		const account = anAccount({ wanted: 'RUNNING', state: 'paused' });
		expect(isDrifting(account, shown(account, NOW + 60_000))).toBe(false);
	});

	it('takes a terminal that is down for stopped, not for running', () => {
		const stopped = anAccount({ wanted: 'STOPPED', state: 'down' });
		const running = anAccount({ wanted: 'RUNNING', state: 'down' });
		expect([isDrifting(stopped, shown(stopped)), isDrifting(running, shown(running))]).toEqual([false, true]);
	});
});

describe('reasonOf', () => {
	it('is the first rung that fails', () => {
		const account = anAccount({ state: 'paused', ladder: aLadder({ algo_trading: 'no', ticks: 'no' }) });
		expect(reasonOf(account, shown(account))).toBe('Algo Trading is off in the terminal');
	});

	it('is silent when all is as wanted', () => {
		const paused = anAccount({ wanted: 'PAUSED', state: 'paused', ladder: aLadder({ algo_trading: 'no' }) });
		expect([reasonOf(anAccount(), shown(anAccount())), reasonOf(paused, shown(paused))]).toEqual([
			null,
			null
		]);
	});

	it('names the agent when it is away', () => {
		const account = anAccount({ connection: 'agent_offline' });
		expect(reasonOf(account, shown(account))).toBe('The agent that holds the account is offline');
	});
});
