import { describe, expect, it } from 'vitest';
import type { AccountView } from '#lib/domain/views.ts';
import { shownState } from '../live/freshness.ts';
import { anAccount, someFigures } from '../testing/accountFactory.ts';
import {
	describeImpact,
	describePress,
	impactOn,
	initialClosing,
	mustAskBeforeStop,
	type Closing
} from './impact.ts';

const NOW = Date.parse('2026-11-21T14:00:05.000Z');
const fresh = (account: AccountView) => ({ account, shown: shownState(account, NOW, false) });
const stale = (account: AccountView) => ({ account, shown: shownState(account, NOW + 60_000, false) });
const stop = (account: AccountView, closing: Closing = 'as-set') =>
	impactOn('stop_ea', fresh(account), closing);
const withSetting = (closePositionsOnStop: boolean, parts: Partial<AccountView> = {}) => {
	const account = anAccount(parts);
	return { ...account, settings: { ...account.settings, closePositionsOnStop } };
};

describe('what Pause means', () => {
	it('says how many positions stay and how many lose their manager', () => {
		expect(describeImpact('pause_ea', impactOn('pause_ea', fresh(anAccount())))).toBe(
			'2 positions stay open, 1 without a broker stop-loss loses its manager.'
		);
	});

	it('says unknown of a stale account instead of its old figures', () => {
		expect(describeImpact('pause_ea', impactOn('pause_ea', stale(anAccount())))).toBe('Positions unknown.');
	});

	it('says that it applies later when the agent is away', () => {
		const account = anAccount({ connection: 'agent_offline', figures: null });
		expect(describeImpact('pause_ea', impactOn('pause_ea', fresh(account)))).toBe(
			'Positions unknown. Applies when the agent is back.'
		);
	});
});

describe('what Stop means', () => {
	it('tells the EA’s positions from those that stay', () => {
		const figures = someFigures({ openPositions: 5, eaPositions: 3, eaOrders: 1, pendingOrders: 1 });
		expect(describeImpact('stop_ea', stop(anAccount({ figures })))).toBe(
			'Closes 3 positions of the EA, deletes 1 order of the EA, 2 positions stay open, up to 1 without a broker stop-loss loses its manager.'
		);
	});

	it('closes nothing where the account is set to keep', () => {
		expect(stop(withSetting(false))).toMatchObject({ willClose: false, closes: 0, stays: 2 });
	});

	it('follows the choice of the dialog over the setting', () => {
		expect(stop(withSetting(false), 'close').closes).toBe(2);
		expect(stop(withSetting(true), 'keep').closes).toBe(0);
	});
});

describe('mustAskBeforeStop', () => {
	it('asks when positions would be closed on a real account', () => {
		expect(mustAskBeforeStop([stop(anAccount({ kind: 'REAL' }))])).toBe(true);
	});

	it('asks when a real account cannot be seen', () => {
		expect(mustAskBeforeStop([impactOn('stop_ea', stale(anAccount({ kind: 'REAL' })))])).toBe(true);
	});

	it('does not ask for demo accounts', () => {
		expect(mustAskBeforeStop([stop(anAccount({ kind: 'DEMO' }))])).toBe(false);
	});

	it('does not ask when positions are kept', () => {
		expect(mustAskBeforeStop([stop(withSetting(false, { kind: 'REAL' }))])).toBe(false);
	});

	it('asks also when none is open now: one may open until the Stop arrives', () => {
		const flat = anAccount({ kind: 'REAL', figures: someFigures({ eaPositions: 0 }) });
		expect(mustAskBeforeStop([stop(flat)])).toBe(true);
	});
});

describe('initialClosing', () => {
	it('is what all accounts are set to, or as each is set', () => {
		expect(initialClosing([withSetting(true), withSetting(true)])).toBe('close');
		expect(initialClosing([withSetting(false)])).toBe('keep');
		expect(initialClosing([withSetting(true), withSetting(false)])).toBe('as-set');
	});
});

describe('describePress', () => {
	it('sums positions, lots and floating profit of one currency', () => {
		const impacts = [anAccount(), anAccount({ id: 'b' })].map((account) =>
			impactOn('pause_ea', fresh(account))
		);
		expect(describePress('pause_ea', impacts)).toBe(
			'4 positions stay open (0.60 lots, −20.00 USD), 2 without stop-loss'
		);
	});

	it('never adds demo money to real money', () => {
		const impacts = [anAccount(), anAccount({ id: 'b', kind: 'REAL' })].map((account) =>
			impactOn('pause_ea', fresh(account))
		);
		expect(describePress('pause_ea', impacts)).toBe('4 positions stay open, 2 without stop-loss');
	});

	it('says how many accounts are unknown', () => {
		const impacts = [stop(anAccount()), impactOn('stop_ea', stale(anAccount({ id: 'b' })))];
		expect(describePress('stop_ea', impacts)).toBe('closes 2 positions, 1 account unknown');
	});
});
