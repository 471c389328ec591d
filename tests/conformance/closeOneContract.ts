/** One position or order by its ticket: what was done, and what is left with the broker's own word. */
import { describe, expect, it } from 'vitest';
import { type Residual } from '#lib/protocol/seen.ts';
import { type BridgeAnswer } from '../../agent/src/bridge/contract.ts';
import { type BridgeRig, type MakeRig } from './rig.ts';
import { useRigs } from './useRigs.ts';

const LIMIT = { timeoutMs: 30_000 };
const TWO = [
	{ symbol: 'EURUSD', side: 'buy', lots: '0.10', magic: 777 },
	{ symbol: 'USDJPY', side: 'sell', lots: '0.20', magic: 42 }
];
const ORDERS = [
	{ symbol: 'XAUUSD', side: 'buy', lots: '0.10', magic: 5 },
	{ symbol: 'XAUUSD', side: 'sell', lots: '0.30', magic: 5 }
];

const closeOne = (rig: BridgeRig, { ticket }: { ticket: string }): Promise<BridgeAnswer<'close_one'>> =>
	rig.channel.request('close_one', { ticket, deviationPoints: 20 }, LIMIT);

async function openItems(rig: BridgeRig): Promise<Residual[]> {
	return (await rig.channel.request('list_open', { magic: null }, LIMIT)).items;
}

async function find(rig: BridgeRig, symbol: string, side: string): Promise<Residual> {
	const item = (await openItems(rig)).find((each) => each.symbol === symbol && each.side === side);
	if (!item) throw new Error(`no ${side} of ${symbol} is open`);
	return item;
}

async function closingDeals(rig: BridgeRig): Promise<Array<{ lots: string; magic: number }>> {
	const { deals } = await rig.channel.request('deals', { sinceMs: 0, afterTicket: '0' }, LIMIT);
	return deals.filter(({ entry }) => entry === 'out').map(({ lots, magic }) => ({ lots, magic }));
}

export function describeCloseOne(name: string, makeRig: MakeRig): void {
	describe(`closing one: ${name}`, () => {
		const { running } = useRigs(makeRig);

		it.each([true, false])(
			'closes the position, as its EA’s, and no other one; hedging: %s',
			async (hedging) => {
				const { rig } = await running({ broker: { seedPositions: TWO, seedOrders: ORDERS, hedging } });
				const position = await find(rig, 'USDJPY', 'sell');
				expect(await closeOne(rig, position)).toEqual({ done: 'position_closed', residual: null });
				expect(await closingDeals(rig)).toEqual([{ lots: '0.20', magic: 42 }]);
				expect((await openItems(rig)).map(({ symbol, lots }) => [symbol, lots])).toEqual([
					['XAUUSD', '0.10'],
					['XAUUSD', '0.30'],
					['EURUSD', '0.10']
				]);
			}
		);

		it('deletes the pending order, and no other one', async () => {
			const { rig } = await running({ broker: { seedPositions: TWO, seedOrders: ORDERS } });
			const order = await find(rig, 'XAUUSD', 'sell');
			expect(await closeOne(rig, order)).toEqual({ done: 'order_deleted', residual: null });
			expect((await openItems(rig)).map(({ symbol, lots }) => [symbol, lots])).toEqual([
				['XAUUSD', '0.10'],
				['EURUSD', '0.10'],
				['USDJPY', '0.20']
			]);
		});

		it('says that nothing has the ticket, also when it was closed before, and touches nothing', async () => {
			const { rig } = await running({ broker: { seedPositions: TWO, seedOrders: ORDERS } });
			const unknown = { done: 'unknown_ticket', residual: null };
			for (const ticket of ['0', '1', '9223372036854775808', '18446744073709551615', '00000000000000000001'])
				expect(await closeOne(rig, { ticket }), ticket).toEqual(unknown);
			expect(await openItems(rig)).toHaveLength(4);
			const position = await find(rig, 'EURUSD', 'buy');
			await closeOne(rig, position);
			expect(await closeOne(rig, position)).toEqual(unknown);
			expect(await openItems(rig)).toHaveLength(3);
		});

		it('tells each refusal by its code, and does it when that is over', async () => {
			const { rig } = await running({ broker: { seedPositions: TWO, seedOrders: ORDERS } });
			const items = [await find(rig, 'EURUSD', 'buy'), await find(rig, 'XAUUSD', 'buy')];
			for (const closeCode of [10006, 10012, 10018, 10029, 10036, 10044]) {
				await rig.changeBroker({ closeCode });
				for (const { ticket, type, symbol, lots } of items)
					expect(await closeOne(rig, { ticket })).toEqual({
						done: 'nothing',
						residual: expect.objectContaining({
							ticket,
							type,
							symbol,
							lots,
							brokerCode: closeCode,
							brokerText: expect.stringMatching(/\w/)
						})
					});
			}
			await rig.changeBroker({ closeCode: null });
			const answers = [];
			for (const item of items) answers.push(await closeOne(rig, item));
			expect(answers.map(({ done }) => done)).toEqual(['position_closed', 'order_deleted']);
		});

		it('splits what is too large for one order, and goes on after parts', async () => {
			const seedPositions = [{ symbol: 'US30', side: 'sell', lots: '2.25', magic: 1 }];
			const { rig } = await running({ broker: { seedPositions, volumeMax: '1.00', partialFill: '0.75' } });
			const position = await find(rig, 'US30', 'sell');
			expect(await closeOne(rig, position)).toEqual({ done: 'position_closed', residual: null });
			expect((await closingDeals(rig)).map(({ lots }) => lots)).toEqual(['0.75', '0.75', '0.75']);
		});

		it('tells how much is left where it was closed in part only', async () => {
			const seedPositions = [{ symbol: 'EURUSD', side: 'buy', lots: '2.25', magic: 1 }];
			const { rig } = await running({ broker: { seedPositions, partialFill: '0.01' } });
			const position = await find(rig, 'EURUSD', 'buy');
			const { ticket } = position;
			const answer = await closeOne(rig, position);
			expect(answer).toMatchObject({
				done: 'position_reduced',
				residual: { ticket, type: 'position', brokerCode: 10010 }
			});
			expect((await openItems(rig)).map(({ lots }) => lots)).toEqual([answer.residual?.lots]);
			// At most 200 parts at once; fewer on a machine so slow that the time was up before.
			expect(Number(answer.residual?.lots)).toBeGreaterThanOrEqual(0.25);
			expect(Number(answer.residual?.lots)).toBeLessThan(2.25);
			let { done } = answer;
			while (done === 'position_reduced') ({ done } = await closeOne(rig, position));
			expect(done).toBe('position_closed');
			expect(await openItems(rig)).toEqual([]);
		});

		it.each([
			['market', 1],
			['market', 2],
			['exchange', 0],
			['instant', 0]
		])('finds the filling that %s execution with the flags %i takes', async (execution, fillingFlags) => {
			const { rig } = await running({ broker: { seedPositions: TWO, execution, fillingFlags } });
			const answer = await closeOne(rig, await find(rig, 'EURUSD', 'buy'));
			expect(answer).toEqual({ done: 'position_closed', residual: null });
		});

		it('is told 10045 where an older position must go first', async () => {
			const seedPositions = [TWO[0], { symbol: 'EURUSD', side: 'sell', lots: '0.20', magic: 42 }];
			const { rig } = await running({ broker: { seedPositions, isFifo: true } });
			const younger = await find(rig, 'EURUSD', 'sell');
			const refused = { done: 'nothing', residual: { ticket: younger.ticket, brokerCode: 10045 } };
			expect(await closeOne(rig, younger)).toMatchObject(refused);
			await closeOne(rig, await find(rig, 'EURUSD', 'buy'));
			expect(await closeOne(rig, younger)).toEqual({ done: 'position_closed', residual: null });
		});

		it('is told 10027 while Algo Trading is off, and 10031 while the broker is out of reach', async () => {
			const { rig, process } = await running({ broker: { seedPositions: TWO } }, false);
			const position = await find(rig, 'EURUSD', 'buy');
			const left = (brokerCode: number) => ({ done: 'nothing', residual: { brokerCode } });
			expect(await closeOne(rig, position)).toMatchObject(left(10027));
			await rig.kind.window.toggleAlgoTrading(process);
			await rig.status('Algo Trading', (status) => status.isTerminalTradeAllowed);
			await rig.faults.dropBroker(60_000);
			await rig.status('the loss', (status) => !status.isConnected);
			expect(await closeOne(rig, position)).toMatchObject(left(10031));
		});
	});
}
