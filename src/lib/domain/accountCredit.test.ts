import { describe, expect, it } from 'vitest';
import { creditOf } from './accountCredit.ts';

describe('the credit of an account', () => {
	it('is what the equity has beyond balance and floating profit', () => {
		expect(creditOf({ balance: '1000.00', equity: '1287.50', floatingProfit: '-12.50' })).toBe('300.00');
		expect(creditOf({ balance: '-5.00', equity: '0.25', floatingProfit: '5.25' })).toBe('0.00');
	});
});
