import { describe, expect, it } from 'vitest';
import { dealKindOf } from './deal.ts';

describe('what a deal of an ENUM_DEAL_TYPE is to metrics', () => {
	it('trades, when it is a buy or a sell', () => {
		expect([0, 1].map(dealKindOf)).toEqual(['trade', 'trade']);
	});

	it('is a flow, when money was put into the balance or taken out of it', () => {
		// Balance, correction, compensation after a stop out.
		expect([2, 5, 19].map(dealKindOf)).toEqual(['flow', 'flow', 'flow']);
	});

	it('is a credit, when it changes what the broker lends and not the balance', () => {
		// Credit, bonus, credit taken back after a stop out.
		expect([3, 6, 20].map(dealKindOf)).toEqual(['credit', 'credit', 'credit']);
	});

	it('is a charge, when it is a cost or a yield of holding the account', () => {
		// Charge, commissions, interest, canceled deals, dividends, tax, agent commission.
		for (const type of [4, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18])
			expect(dealKindOf(type)).toBe('charge');
	});
});
