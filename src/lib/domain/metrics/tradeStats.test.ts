import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal } from './money.ts';
import { joinSums, NO_TRADES, ratiosOf, sumsOfTrade, type TradeSums } from './tradeStats.ts';
import type { Trade } from './trades.ts';

function trade(net: string | number, heldMs: number | null = 60_000): Trade {
	return {
		ticket: 1n,
		positionId: 1n,
		symbol: 'EURUSD',
		direction: 'long',
		volumeLots: new Decimal('0.1'),
		openedAtMs: heldMs === null ? null : 1_000_000 - heldMs,
		closedAtMs: 1_000_000,
		net: new Decimal(net)
	};
}
const join = (trades: readonly Trade[]): TradeSums =>
	trades.map(sumsOfTrade).reduce((a, b) => joinSums(a, b), NO_TRADES);

describe('trade statistics', () => {
	it('are those of a case worked by hand', () => {
		// +120, +60, −50, −40, 0: 2 wins of 5; 180 ÷ 90 = 2; (180 − 90) ÷ 5 = 18.
		const sums = join([trade(120), trade(60), trade(-50), trade(-40), trade(0)]);
		expect(sums).toMatchObject({ trades: 5, wins: 2, losses: 2 });
		expect(sums.best?.toString()).toBe('120');
		expect(sums.worst?.toString()).toBe('-50');
		const ratios = ratiosOf(sums);
		expect(ratios.winRate?.toString()).toBe('0.4');
		expect(ratios.profitFactor?.toString()).toBe('2');
		expect(ratios.expectancy?.toString()).toBe('18');
		expect(ratios.averageWin?.toString()).toBe('90');
		expect(ratios.averageLoss?.toString()).toBe('-45');
		expect(ratios.averageHoldingMs).toBe(60_000);
	});

	it('do not exist where there is nothing to divide by', () => {
		expect(ratiosOf(NO_TRADES)).toEqual({
			winRate: null,
			profitFactor: null,
			expectancy: null,
			averageWin: null,
			averageLoss: null,
			averageHoldingMs: null
		});
		expect(ratiosOf(join([trade(10)])).profitFactor).toBeNull();
		expect(ratiosOf(join([trade(-10)])).profitFactor?.toString()).toBe('0');
	});

	it('leave trades of unknown entry out of the holding time', () => {
		expect(ratiosOf(join([trade(1, 30_000), trade(1, null)])).averageHoldingMs).toBe(30_000);
	});

	it('of two periods joined are those of the whole, wherever it is split and in whatever order', () => {
		const anyTrades = fc.array(fc.integer({ min: -99_999, max: 99_999 }), { maxLength: 30 });
		fc.assert(
			fc.property(anyTrades, fc.nat(30), (nets, at) => {
				const trades = nets.map((net) => trade(net / 100));
				const whole = join(trades);
				const split = joinSums(join(trades.slice(at)), join(trades.slice(0, at)));
				expect(JSON.stringify(split)).toBe(JSON.stringify(whole));
			})
		);
	});
});
