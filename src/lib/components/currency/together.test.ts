import { describe, expect, it } from 'vitest';
import { putTogether, type MoneyGroup } from './together.ts';

const SET_AT = '2026-11-20T10:00:00.000Z';
const group = (
	kind: 'DEMO' | 'REAL',
	currency: string,
	amounts: (string | null)[],
	lack: string | null = null
): MoneyGroup => ({ kind, currency, amounts, lack });
const CURRENCY = { totalCurrency: 'EUR', rates: [{ from: 'USD', rate: '0.5', setAt: SET_AT }] };

describe('D5: putTogether', () => {
	it('adds currencies at their rates, and never demo money to real money', () => {
		const rows = putTogether(
			[
				group('REAL', 'USD', ['100', '-2']),
				group('REAL', 'EUR', ['10', '1']),
				group('DEMO', 'USD', ['5000', '0'])
			],
			CURRENCY
		);
		expect(rows.map(({ kind, totals }) => [kind, ...totals])).toEqual([
			['REAL', '60.0', '0.0'],
			['DEMO', '2500.0', '0.0']
		]);
		expect(rows[0]?.used).toEqual(CURRENCY.rates);
	});

	it('says which currency is not in it, and what is missing of those that are', () => {
		const [row] = putTogether(
			[
				group('REAL', 'JPY', ['900']),
				group('REAL', 'USD', ['100'], '1 of 2 accounts, 1 stale'),
				group('REAL', 'EUR', [null], 'not seen yet')
			],
			CURRENCY
		);
		expect(row).toMatchObject({
			totals: ['50.0'],
			missing: ['JPY'],
			lacks: ['USD: 1 of 2 accounts, 1 stale', 'EUR: not seen yet']
		});
	});
});
