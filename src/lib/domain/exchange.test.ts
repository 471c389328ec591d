import { describe, expect, it } from 'vitest';
import { convertAmounts, type CurrencyView } from './exchange.ts';
import { currencyPatchSchema } from './exchangeSchema.ts';

const SET_AT = '2026-11-20T10:00:00.000Z';
const view = (...rates: [string, string][]): CurrencyView => ({
	totalCurrency: 'EUR',
	rates: rates.map(([from, rate]) => ({ from, rate, setAt: SET_AT }))
});

describe('D5: convertAmounts', () => {
	it('sums exactly at the rates, and names them', () => {
		const { total, used, missing } = convertAmounts(
			[
				{ currency: 'EUR', amount: '100.10' },
				{ currency: 'USD', amount: '-200.00' },
				{ currency: 'USD', amount: '50.5' }
			],
			view(['USD', '0.9215'], ['GBP', '1.2'])
		);
		// 100.10 − 149.5 × 0.9215
		expect(Number(total)).toBe(-37.66425);
		expect(total).toBe('-37.664250');
		expect(used).toEqual([{ from: 'USD', rate: '0.9215', setAt: SET_AT }]);
		expect(missing).toEqual([]);
	});

	it('leaves out what has no rate, and says so', () => {
		const amounts = [
			{ currency: 'JPY', amount: '1000' },
			{ currency: 'EUR', amount: '1' }
		];
		expect(convertAmounts(amounts, view())).toEqual({ total: '1', used: [], missing: ['JPY'] });
		expect(convertAmounts(amounts.slice(0, 1), view()).total).toBeNull();
	});
});

describe('D5: what a rate may be', () => {
	const problem = (rate: string) =>
		currencyPatchSchema.safeParse({ totalCurrency: 'eur', rates: [{ from: 'usd', rate }] }).error?.issues[0]
			?.message;

	it('is a number above zero, in digits', () => {
		expect(problem('0.9215')).toBeUndefined();
		expect(problem('')).toBeUndefined();
		expect(problem('0')).toBe('A rate is above zero.');
		for (const text of ['-1', '1e3', '1,5', 'x', '1.', '1234567890'])
			expect(problem(text), text).toBe('Give a rate as a number, such as 0.9215.');
	});
});
