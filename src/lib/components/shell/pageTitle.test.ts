import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AccountView } from '#lib/domain/views.ts';
import { totalsByCurrency } from '../dashboard/totals.ts';
import { shownState } from '../live/freshness.ts';
import { anAccount, someFigures } from '../testing/accountFactory.ts';
import { favicon, pageTitle, tabState } from './pageTitle.ts';

const NOW_MS = Date.parse('2026-11-21T14:00:02Z');
const figures = someFigures({ floatingProfit: '-10.00', dayClosedProfit: '134.50' });
const totals = (...accounts: Partial<AccountView>[]) =>
	totalsByCurrency(
		accounts.map((parts) => {
			const account = anAccount({ figures, ...parts });
			return { account, shown: shownState(account, NOW_MS, false) };
		})
	);

describe('pageTitle', () => {
	it('begins with what runs', () => {
		expect(pageTitle('/dashboard', ['running', 'running', 'paused'])).toBe('● 2 running · Quintet');
	});

	it('counts faults and unknown accounts apart', () => {
		expect(pageTitle('/activity', ['running', 'degraded', 'unknown'])).toBe(
			'▲ 1 running, 1 faulty, 1 unknown · Activity · Quintet'
		);
	});

	it('says when nothing runs, and nothing at all without accounts', () => {
		expect(pageTitle('/dashboard', ['paused', 'stopped'])).toBe('■ None running · Quintet');
		expect(pageTitle('/dashboard', [])).toBe('Quintet');
	});

	it('has the day’s profit with its sign and currency, and how many accounts are behind it', () => {
		expect(pageTitle('/positions', ['running'], totals({}))).toBe(
			'● 1 running · +124.50 USD · Positions · Quintet'
		);
		expect(pageTitle('/dashboard', ['running', 'unknown'], totals({}, { figures: null }))).toBe(
			'? 1 running, 1 unknown · +124.50 USD (1 of 2) · Quintet'
		);
	});

	it('never adds different money, and claims nothing of what is stale', () => {
		const loss = someFigures({ floatingProfit: '-200.00', dayClosedProfit: '0' });
		expect(pageTitle('/dashboard', ['running'], totals({}, { currency: 'EUR', figures: loss }))).toBe(
			'● 1 running · −200.00 EUR, +124.50 USD · Quintet'
		);
		expect(pageTitle('/dashboard', ['running'], totals({}, { kind: 'REAL', figures: loss }))).toBe(
			'● 1 running · −200.00 USD real, +124.50 USD demo · Quintet'
		);
		const old = { seenAt: '2026-11-21T13:00:00.000Z' };
		expect(pageTitle('/dashboard', ['unknown'], totals(old))).toBe('? 1 unknown · P&L unknown · Quintet');
	});
});

describe('the favicon', () => {
	it('is what stands out most, and there is a picture of each', () => {
		expect(tabState(['running', 'down', 'unknown'])).toBe('trouble');
		expect(tabState(['running', 'unknown'])).toBe('unknown');
		expect(tabState(['running', 'paused'])).toBe('running');
		expect(tabState(['paused'])).toBe('idle');
		for (const state of ['running', 'trouble', 'unknown', 'idle', null] as const)
			expect(existsSync(`static${favicon(state)}`)).toBe(true);
	});
});
