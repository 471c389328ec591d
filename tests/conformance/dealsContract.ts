/** The account's history: each deal once, whole, and deposits and credits kept apart. */
import { describe, expect, it } from 'vitest';
import { NO_DEALS_SEEN } from '../../agent/src/bridge/deals.ts';
import { readAllDeals } from '../support/readAllDeals.ts';
import { type MakeRig } from './rig.ts';
import { useRigs } from './useRigs.ts';

const LIMIT = { timeoutMs: 30_000 };
const ALL = { magic: null, deviationPoints: 20 };
const TWO = [
	{ symbol: 'EURUSD', side: 'buy', lots: '0.10', magic: 777, hasStopLoss: false },
	{ symbol: 'XAUUSD', side: 'sell', lots: '0.20', magic: 42, hasStopLoss: false }
];
const cents = (text: string): number => Math.round(Number(text) * 100);

export function describeDeals(name: string, makeRig: MakeRig): void {
	describe(`deals: ${name}`, () => {
		const { running, ended } = useRigs(makeRig);

		it('tell of opening and closing, with server time and whose trade it was', async () => {
			const { rig } = await running({
				broker: { seedPositions: TWO, deposit: '250.50', commission: '3.50' }
			});
			const before = rig.channel.newest?.status;
			await rig.channel.request('close_pass', ALL, LIMIT);
			const { deals, operations } = await readAllDeals(rig.channel, NO_DEALS_SEEN, LIMIT);
			expect(deals.map(({ entry, symbol, side, lots }) => `${entry} ${side} ${lots} ${symbol}`)).toEqual([
				'in buy 0.10 EURUSD',
				'in sell 0.20 XAUUSD',
				'out sell 0.10 EURUSD',
				'out buy 0.20 XAUUSD'
			]);
			expect(deals.map(({ positionMagic }) => positionMagic)).toEqual([777, 42, 777, 42]);
			expect(deals[2]?.positionId).toBe(deals[0]?.positionId);
			expect(deals[0]?.price).toMatch(/^1\.\d{5}$/);
			for (const { timeMs } of deals)
				expect(Math.abs(timeMs / 1000 - (before?.serverTime ?? 0))).toBeLessThan(120);
			for (const { swap, commission, fee } of deals)
				expect([swap, commission, fee]).toEqual(['0.00', '-3.50', '0.00']);
			expect(operations).toMatchObject([{ type: 2, amount: '250.50' }]);
			const status = await rig.status('the closed day', (each) => each.openPositions === 0);
			const sum = deals
				.flatMap(({ profit, swap, commission, fee }) => [profit, swap, commission, fee])
				.reduce((total, text) => total + cents(text), 0);
			expect(cents(status.dayClosedProfit)).toBe(sum);
			// The commission of the two openings was taken before.
			expect(cents(status.balance)).toBe(cents(before?.balance ?? '') + sum + 700);
		});

		it('tell of a credit by its type; it is in the equity, and neither in the balance nor in what floats', async () => {
			const { rig } = await running({
				broker: { seedPositions: TWO, balance: '1000.00', deposit: '250.50', credit: '300.00' }
			});
			const { operations } = await readAllDeals(rig.channel, NO_DEALS_SEEN, LIMIT);
			expect(operations).toMatchObject([
				{ type: 2, amount: '250.50' },
				{ type: 3, amount: '300.00' }
			]);
			const status = await rig.status('the positions', (each) => each.openPositions === 2);
			expect(cents(status.balance)).toBe(100_000);
			expect(cents(status.equity) - cents(status.balance) - cents(status.floatingProfit)).toBe(30_000);
			expect(cents(status.freeMargin)).toBe(cents(status.equity) - cents(status.margin));
			expect(status.dayClosedProfit).toBe('0.00');
		});

		it('come exactly once, whatever the overlap, also after a crash of the terminal', async () => {
			const { rig, process } = await running({ broker: { seedPositions: TWO } });
			const first = await readAllDeals(rig.channel, NO_DEALS_SEEN, LIMIT);
			expect(first.deals.map(({ entry }) => entry)).toEqual(['in', 'in']);
			expect((await readAllDeals(rig.channel, first.cursor, LIMIT)).deals).toEqual([]);
			await rig.channel.request('close_pass', { magic: 777, deviationPoints: 20 }, LIMIT);
			const second = await readAllDeals(rig.channel, first.cursor, LIMIT);
			expect(second.deals).toMatchObject([{ entry: 'out', symbol: 'EURUSD' }]);
			await rig.faults.crash();
			await ended(rig, process);
			await rig.startAgain(true);
			await rig.status('the login', (status) => status.isConnected);
			expect((await readAllDeals(rig.channel, second.cursor, LIMIT)).deals).toEqual([]);
			expect((await readAllDeals(rig.channel, NO_DEALS_SEEN, LIMIT)).deals).toHaveLength(3);
		});

		it('come page by page, in order and without a gap', async () => {
			const seedPositions = Array.from({ length: 230 }, (_, magic) => ({
				symbol: 'EURUSD',
				side: 'buy',
				lots: '0.01',
				magic
			}));
			const { rig } = await running({ broker: { seedPositions } });
			const page = await rig.channel.request('deals', { sinceMs: 0, afterTicket: '0' }, LIMIT);
			expect(page.deals).toHaveLength(200);
			expect(page.next).not.toBeNull();
			expect(page.historyDeals).toBe(230);
			const { deals } = await readAllDeals(rig.channel, NO_DEALS_SEEN, LIMIT);
			expect(deals.map(({ magic }) => magic)).toEqual(seedPositions.map(({ magic }) => magic));
		});
	});
}
