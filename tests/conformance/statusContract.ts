/** What a status may say: figures that fit together, ages, times. */
import { describe, expect, it } from 'vitest';
import { type MakeRig } from './rig.ts';
import { useRigs } from './useRigs.ts';

const FOUR = [
	{ symbol: 'EURUSD', side: 'buy', lots: '0.10', magic: 777 },
	{ symbol: 'XAUUSD', side: 'sell', lots: '0.20', magic: 777 },
	{ symbol: 'US30', side: 'buy', lots: '1.00', magic: 42 },
	{ symbol: 'USDJPY', side: 'sell', lots: '0.05', magic: 0 }
];
const cents = (text: string): number => Math.round(Number(text) * 100);

export function describeStatus(name: string, makeRig: MakeRig): void {
	describe(`status: ${name}`, () => {
		const { running } = useRigs(makeRig);

		it('has money that adds up, in the account’s currency and digits', async () => {
			const { rig } = await running({ broker: { seedPositions: FOUR, currency: 'EUR', balance: '25000' } });
			const { channel } = rig;
			for (let n = 0; n < 5; n++) {
				const { seq } = channel.newest?.status ?? { seq: 0 };
				const status = await rig.status('the next status', (each) => each.seq > seq);
				expect(status).toMatchObject({ currency: 'EUR', currencyDigits: 2, balance: '25000.00' });
				expect(cents(status.equity)).toBe(cents(status.balance) + cents(status.floatingProfit));
				expect(cents(status.freeMargin)).toBe(cents(status.equity) - cents(status.margin));
				const level = (cents(status.equity) / cents(status.margin)) * 100;
				expect(Number(status.marginLevel)).toBeCloseTo(level, 1);
				for (const text of [status.equity, status.margin, status.floatingProfit])
					expect(text).toMatch(/^-?\d+\.\d{2}$/);
			}
		});

		it('has the floating profit of each open position', async () => {
			const { rig } = await running({ broker: { seedPositions: FOUR } });
			const { items } = await rig.channel.request('list_open', { magic: null }, { timeoutMs: 30_000 });
			for (const item of items) expect(item.profit).toMatch(/^-?\d+\.\d{2}$/);
			expect(items.map(({ brokerCode, brokerText }) => [brokerCode, brokerText])).toEqual(
				FOUR.map(() => [null, null])
			);
		});

		it('T1: has a row for each position and order, in the words and digits of MetaTrader', async () => {
			const seedOrders = [{ symbol: 'EURUSD', side: 'sell', lots: '0.30', magic: 777 }];
			const seedPositions = FOUR.map((seed) => ({ ...seed, hasStopLoss: seed.magic === 777 }));
			const { rig } = await running({ broker: { seedPositions, seedOrders } });
			const status = await rig.status('its rows', ({ positions }) => positions?.length === 4);
			const { positions = [], orders = [], serverTime, floatingProfit } = status;
			expect(
				positions.map(({ symbol, type, lots, magic, comment }) => [symbol, type, lots, magic, comment])
			).toEqual(
				FOUR.map(({ symbol, side, lots, magic }) => [
					symbol,
					side,
					lots,
					`${magic}`,
					magic === 0 ? '' : 'quintet'
				])
			);
			const digits: Record<string, number> = { EURUSD: 5, XAUUSD: 2, US30: 1, USDJPY: 3 };
			for (const { symbol, price, priceCurrent, sl, tp, magic, timeMs } of positions) {
				const form = new RegExp(`^\\d+\\.\\d{${digits[symbol]}}$`);
				for (const text of [price, priceCurrent]) expect(text).toMatch(form);
				for (const level of [sl, tp])
					expect(level).toEqual(magic === '777' ? expect.stringMatching(form) : null);
				expect(Math.abs(timeMs / 1000 - serverTime)).toBeLessThan(60);
			}
			const sum = positions.reduce((total, { profit, swap }) => total + cents(profit) + cents(swap), 0);
			expect(sum).toBe(cents(floatingProfit));
			expect(orders).toEqual([
				{
					ticket: expect.stringMatching(/^\d+$/),
					timeMs: expect.any(Number),
					symbol: 'EURUSD',
					type: 'sell limit',
					lots: '0.30',
					price: expect.stringMatching(/^1\.\d{5}$/),
					priceCurrent: expect.stringMatching(/^1\.\d{5}$/),
					stopLimit: null,
					sl: null,
					tp: null,
					state: 'placed',
					magic: '777',
					comment: 'quintet'
				}
			]);
			expect(Math.abs((orders[0]?.timeMs ?? 0) / 1000 - serverTime)).toBeLessThan(60);
		});

		it('tells a hundred rows at most, and counts them all', async () => {
			const seedPositions = Array.from({ length: 98 }, () => ({ ...FOUR[0], lots: '0.01' }));
			const seedOrders = Array.from({ length: 6 }, () => ({ ...FOUR[0], lots: '0.01' }));
			const { rig } = await running({ broker: { seedPositions, seedOrders } });
			const status = await rig.status('its rows', ({ positions }) => positions?.length === 98);
			expect(status.orders).toHaveLength(2);
			expect(status).toMatchObject({ openPositions: 98, pendingOrders: 6 });
		});

		it('C5: has the ping to the broker while there is a connection', async () => {
			const { rig } = await running();
			const { pingMs } = await rig.status('a ping', (status) => typeof status.pingMs === 'number');
			expect(pingMs).toBeGreaterThan(0);
			await rig.faults.dropBroker(3_600_000);
			await rig.status('no ping', (status) => !status.isConnected && status.pingMs === null);
		});

		it('has the broker’s time, and its whole distance from GMT', async () => {
			const { rig } = await running();
			const { serverTime, gmtOffsetMin } = await rig.status('a status', () => true);
			expect(gmtOffsetMin).toBe(120);
			expect(Math.abs(serverTime - gmtOffsetMin * 60 - Date.now() / 1000)).toBeLessThan(60);
		});

		it('has ages that are small for what is alive, and none for what is not there', async () => {
			const { rig } = await running();
			expect((await rig.status('a status', () => true)).tickAgeMs).toBeNull();
			await rig.loadEa(1);
			const { ea, tickAgeMs } = await rig.status(
				'ticks and a beat',
				(status) => status.tickAgeMs !== null && typeof status.ea?.heartbeatAgeMs === 'number'
			);
			for (const age of [ea?.readyAgeMs, ea?.heartbeatAgeMs, tickAgeMs]) {
				expect(age).toBeGreaterThanOrEqual(0);
				expect(age).toBeLessThan(30_000);
			}
		});

		it('sees no ticks while the market is closed, and the EA beats on', async () => {
			const { rig } = await running({ broker: { isMarketClosed: true } });
			await rig.loadEa(1);
			await rig.status('the EA', (status) => typeof status.ea?.heartbeatAgeMs === 'number');
			const old = await rig.status('an old tick', (status) => (status.tickAgeMs ?? 0) > 1_500);
			expect(old.isMarketOpen).toBe(false);
			expect(old.ea?.heartbeatAgeMs).toBeLessThan(10_000);
		});

		it('tells at once of the button, the EA and its readiness, and before every answer', async () => {
			// Else it would say nothing for an hour.
			const { rig, process } = await running({ broker: { statusMs: 3_600_000 } });
			const press = () => rig.kind.window.toggleAlgoTrading(process);
			await press();
			await rig.status('the button off', ({ isTerminalTradeAllowed }) => !isTerminalTradeAllowed);
			await press();
			await rig.status('the button on', ({ isTerminalTradeAllowed }) => isTerminalTradeAllowed);
			await rig.loadEa(1);
			await rig.status('the EA to be ready', ({ ea }) => ea?.generation === 1 && ea.readyAgeMs !== null);
			await rig.channel.request('unload_ea', {}, { timeoutMs: 30_000 });
			const { answeredSeq } = rig.channel;
			await rig.status('no EA', ({ seq, ea }) => seq >= answeredSeq && ea === null);
			const before = rig.channel.newest?.status.seq ?? 0;
			await rig.channel.request('list_open', { magic: null }, { timeoutMs: 30_000 });
			expect(rig.channel.answeredSeq).toBe(before + 1);
			await rig.status('the one of the answer', ({ seq }) => seq === before + 1);
			await rig.faults.dropBroker(3_600_000);
			await rig.status('the broker gone', ({ isConnected }) => !isConnected);
		});

		it('T6: names the account that was opened, also when it is another one', async () => {
			const { rig } = await running({ broker: { opensAs: '99999' } });
			const { login, server } = await rig.status('the login', (status) => status.isConnected);
			expect({ login, server }).toEqual({ login: '99999', server: rig.account.server });
		});
	});
}
