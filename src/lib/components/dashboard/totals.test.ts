import { describe, expect, it } from 'vitest';
import type { AccountView } from '#lib/domain/views.ts';
import { shownState } from '../live/freshness.ts';
import { anAccount, someFigures } from '../testing/accountFactory.ts';
import { dayMoney, dayShare, describeCoverage, floatingDrawdown, totalsByCurrency } from './totals.ts';

const NOW = Date.parse('2026-11-21T14:00:05.000Z');
const OLD = '2026-11-21T13:00:00.000Z';
const total = (...accounts: AccountView[]) =>
	totalsByCurrency(accounts.map((account) => ({ account, shown: shownState(account, NOW, false) })));

describe('totalsByCurrency', () => {
	it('sums exactly, with floating in the day’s profit', () => {
		const figures = someFigures({ balance: '0.10', dayClosedProfit: '5.00', floatingProfit: '-1.25' });
		const [usd] = total(
			anAccount({ figures }),
			anAccount({ id: 'b', figures: { ...figures, balance: '0.20' } })
		);
		expect(usd?.sums).toMatchObject({ balance: '0.30', day: '7.50', positions: 4 });
	});

	it('keeps currencies apart, and demo from real', () => {
		const groups = total(
			anAccount(),
			anAccount({ id: 'b', kind: 'REAL' }),
			anAccount({ id: 'c', currency: 'EUR' })
		);
		expect(groups.map(({ kind, currency }) => `${kind} ${currency}`)).toEqual([
			'REAL USD',
			'DEMO EUR',
			'DEMO USD'
		]);
	});

	it('leaves a stale account out of the sum, and says so', () => {
		const [usd] = total(anAccount(), anAccount({ id: 'b', seenAt: OLD }));
		expect(usd?.sums?.balance).toBe('10000.00');
		expect(usd && describeCoverage(usd)).toBe('1 of 2 accounts, 1 stale');
	});

	it('says which accounts are not seen, and which the trader disconnected', () => {
		const [usd] = total(
			anAccount(),
			anAccount({ id: 'b', seenAt: null, figures: null }),
			anAccount({ id: 'c', figures: null, connection: 'disconnected', isConnectionWanted: false })
		);
		expect(usd && describeCoverage(usd)).toBe('1 of 3 accounts, 1 disconnected, 1 not seen');
	});

	it('shows the last known sum, marked, when nothing is fresh', () => {
		const [usd] = total(anAccount({ seenAt: OLD }));
		expect(usd).toMatchObject({ isStale: true, sums: { balance: '10000.00' } });
		expect(usd && describeCoverage(usd)).toBe('last known, the account is stale');
	});

	it('has no sum when nothing was ever seen', () => {
		expect(total(anAccount({ figures: null }))[0]?.sums).toBeNull();
	});
});

describe('D1: shares of the day', () => {
	const of = (balance: string, dayClosedProfit: string, floatingProfit: string) =>
		dayMoney(someFigures({ balance, dayClosedProfit, floatingProfit }));

	it('measures the floating loss against the balance; a floating gain is no drawdown', () => {
		expect(floatingDrawdown(of('10000.00', '0', '-250.00'))).toBe('-0.025000');
		expect(floatingDrawdown(of('10000.00', '0', '250.00'))).toBe('0.000000');
	});

	it('measures the day against the balance that it began with', () => {
		// 10,500 now, of which 500 were closed today; 20 float: 520 of 10,000.
		expect(dayShare(of('10500.00', '500.00', '20.00'))).toBe('0.052000');
		expect(dayShare(of('9500.00', '-500.00', '-20.00'))).toBe('-0.052000');
	});

	it('says nothing where there is no capital', () => {
		expect(floatingDrawdown(of('0.00', '0', '-1.00'))).toBeNull();
		expect(dayShare(of('500.00', '500.00', '0'))).toBeNull();
	});
});
