import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amountOf, type TradingDeal } from './deal.ts';
import { Decimal, sum } from './money.ts';
import { tradesOfPosition } from './trades.ts';

let ticket = 0n;
function deal(
	of: Partial<Omit<TradingDeal, 'volumeLots' | 'profit' | 'commission'>> & {
		lots?: string;
		profit?: string;
		commission?: string;
	}
): TradingDeal {
	const { lots = '1', profit = '0', commission = '0', ...rest } = of;
	return {
		kind: 'trade',
		ticket: ++ticket,
		positionId: 1n,
		symbol: 'EURUSD',
		side: 'buy',
		entry: 'in',
		timeMs: Number(ticket) * 1000,
		swap: new Decimal(0),
		fee: new Decimal(0),
		volumeLots: new Decimal(lots),
		profit: new Decimal(profit),
		commission: new Decimal(commission),
		...rest
	};
}

describe('tradesOfPosition', () => {
	it('counts the commission of the entry to the trade that closes it', () => {
		const { trades, openCost } = tradesOfPosition([
			deal({ commission: '-3.50' }),
			deal({ entry: 'out', side: 'sell', profit: '100', commission: '-3.50' })
		]);
		expect(trades).toHaveLength(1);
		expect(trades[0]).toMatchObject({ direction: 'long', symbol: 'EURUSD' });
		expect(trades[0]?.net.toString()).toBe('93');
		expect(openCost.toString()).toBe('0');
	});

	it('makes two trades of a position closed in two parts, each with its share of the entry', () => {
		// 1.00 lots for −9.00; 0.30 close with 10.00, then 0.70 with 20.00: shares −2.70 and −6.30.
		const { trades } = tradesOfPosition([
			deal({ lots: '1.00', commission: '-9.00' }),
			deal({ entry: 'out', side: 'sell', lots: '0.30', profit: '10.00' }),
			deal({ entry: 'out', side: 'sell', lots: '0.70', profit: '20.00' })
		]);
		expect(trades.map((trade) => trade.net.toString())).toEqual(['7.3', '13.7']);
	});

	it('leaves the cost of what is still open to the trades to come', () => {
		const { trades, openCost, openVolumeLots } = tradesOfPosition([
			deal({ lots: '3', commission: '-10' }),
			deal({ entry: 'out', side: 'sell', lots: '1', profit: '5' })
		]);
		expect(trades.map((trade) => trade.net.toString())).toEqual(['1.66666667']);
		expect(openCost.toString()).toBe('-6.66666667');
		expect(openVolumeLots.toString()).toBe('2');
	});

	it('turns a netting position round: the whole of the old one is closed, the rest is a new entry', () => {
		// Long 1.00 for −2.00, then sell 1.50 with profit 30.00 for −3.00: 2/3 of its cost close, 1/3 opens.
		const { trades, openCost, openVolumeLots } = tradesOfPosition([
			deal({ lots: '1.00', commission: '-2.00' }),
			deal({ entry: 'inout', side: 'sell', lots: '1.50', profit: '30.00', commission: '-3.00' })
		]);
		expect(trades).toHaveLength(1);
		expect(trades[0]).toMatchObject({ direction: 'long' });
		expect(trades[0]?.volumeLots.toString()).toBe('1');
		expect(trades[0]?.net.toString()).toBe('26');
		expect(openCost.toString()).toBe('-1');
		expect(openVolumeLots.toString()).toBe('0.5');
	});

	it('weighs the opening time by volume: 1 lot at 0:00 and 3 lots at 4:00 are held since 3:00', () => {
		const { trades } = tradesOfPosition([
			deal({ lots: '1', timeMs: 0 }),
			deal({ lots: '3', timeMs: 4000 }),
			deal({ entry: 'out', side: 'sell', lots: '4', timeMs: 10_000 })
		]);
		expect(trades[0]?.openedAtMs).toBe(3000);
	});

	it('does not know when a position was opened whose entry lies before the history', () => {
		const { trades } = tradesOfPosition([deal({ entry: 'out', side: 'buy', profit: '12' })]);
		expect(trades[0]).toMatchObject({ openedAtMs: null, direction: 'short' });
		expect(trades[0]?.net.toString()).toBe('12');
	});

	const cents = fc.integer({ min: -1_000_000, max: 1_000_000 }).map((n) => new Decimal(n).div(100));
	const anyDeal = fc.record({
		entry: fc.constantFrom('in' as const, 'out' as const, 'inout' as const, 'out_by' as const),
		side: fc.constantFrom('buy' as const, 'sell' as const),
		volumeLots: fc.integer({ min: 1, max: 5000 }).map((n) => new Decimal(n).div(100)),
		timeMs: fc.integer({ min: 0, max: 20 }),
		profit: cents,
		swap: cents,
		commission: cents,
		fee: cents
	});
	const anyPosition = fc.array(anyDeal, { maxLength: 12 }).map((deals) =>
		deals.map((some, index): TradingDeal => ({
			kind: 'trade',
			ticket: BigInt(index + 1),
			positionId: 1n,
			symbol: 'X',
			...some
		}))
	);

	it('loses and invents no money: trades and open costs sum to what the deals did to the balance', () => {
		fc.assert(
			fc.property(anyPosition, (deals) => {
				const { trades, openCost } = tradesOfPosition(deals);
				const expected = sum(deals.map(amountOf));
				expect(
					sum(trades.map((trade) => trade.net))
						.plus(openCost)
						.toString()
				).toBe(expected.toString());
			})
		);
	});

	it('does not depend on the order in which deals arrive', () => {
		fc.assert(
			fc.property(
				anyPosition.chain((deals) =>
					fc.tuple(
						fc.constant(deals),
						fc.shuffledSubarray(deals, { minLength: deals.length, maxLength: deals.length })
					)
				),
				([deals, shuffled]) => {
					expect(JSON.stringify(tradesOfPosition(shuffled), printable)).toBe(
						JSON.stringify(tradesOfPosition(deals), printable)
					);
				}
			)
		);
	});
});

const printable = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}` : value);
