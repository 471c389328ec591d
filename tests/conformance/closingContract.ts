/** Closing under every rule that brokers have; what is left is told with the broker's own word. */
import { describe, expect, it } from 'vitest';
import { type MakeRig } from './rig.ts';
import { useRigs } from './useRigs.ts';

const LIMIT = { timeoutMs: 30_000 };
const ALL = { magic: null, deviationPoints: 20 };
const FROM_THE_FIRST = { sinceMs: 0, afterTicket: '0' };
const TWO = [
	{ symbol: 'EURUSD', side: 'buy', lots: '0.10', magic: 777 },
	{ symbol: 'EURUSD', side: 'sell', lots: '0.20', magic: 42 }
];
/** Every code that says "not now" or "not this way", MQL5 Reference. */
const CODES = [
	10004, 10006, 10007, 10011, 10012, 10013, 10014, 10015, 10016, 10017, 10019, 10020, 10021, 10024, 10026,
	10028, 10029, 10030, 10031, 10036, 10038, 10039, 10042, 10043, 10044, 10045
];

export function describeClosing(name: string, makeRig: MakeRig): void {
	describe(`closing: ${name}`, () => {
		const { running } = useRigs(makeRig);

		it('T12: tells each of the broker’s refusals by its code, and closes when it is over', async () => {
			const orders = [{ symbol: 'XAUUSD', side: 'buy', lots: '0.10', magic: 5 }];
			const { rig } = await running({ broker: { seedPositions: TWO, seedOrders: orders } });
			for (const closeCode of CODES) {
				await rig.changeBroker({ closeCode });
				const { residuals } = await rig.channel.request('close_pass', ALL, LIMIT);
				expect(residuals.map(({ type, brokerCode }) => [type, brokerCode])).toEqual([
					['order', closeCode],
					['position', closeCode],
					['position', closeCode]
				]);
				for (const { brokerText } of residuals) expect(brokerText).toMatch(/\w/);
			}
			await rig.changeBroker({ closeCode: null });
			expect(await rig.channel.request('close_pass', ALL, LIMIT)).toEqual({
				closedPositions: 2,
				deletedOrders: 1,
				residuals: []
			});
		});

		it.each([
			['market', 1],
			['market', 2],
			['market', 3],
			['exchange', 0],
			['exchange', 1],
			['exchange', 2],
			['instant', 0],
			['instant', 3]
		])('finds the filling that %s execution with the flags %i takes', async (execution, fillingFlags) => {
			const { rig } = await running({ broker: { seedPositions: TWO, execution, fillingFlags } });
			const answer = await rig.channel.request('close_pass', ALL, LIMIT);
			expect(answer).toMatchObject({ closedPositions: 2, residuals: [] });
		});

		it('goes on after a part was filled, until all is', async () => {
			const { rig } = await running({ broker: { seedPositions: TWO, partialFill: '0.07' } });
			const answer = await rig.channel.request('close_pass', ALL, LIMIT);
			expect(answer).toMatchObject({ closedPositions: 2, residuals: [] });
			const { deals } = await rig.channel.request('deals', FROM_THE_FIRST, LIMIT);
			const closing = deals.filter(({ entry }) => entry === 'out');
			expect(closing.map(({ lots }) => lots)).toEqual(['0.07', '0.03', '0.07', '0.07', '0.06']);
		});

		it('splits what is larger than the broker’s largest order', async () => {
			const seedPositions = [{ symbol: 'US30', side: 'sell', lots: '2.25', magic: 1 }];
			const { rig } = await running({ broker: { seedPositions, volumeMax: '1.00' } });
			const answer = await rig.channel.request('close_pass', ALL, LIMIT);
			expect(answer).toMatchObject({ closedPositions: 1, residuals: [] });
			const { deals } = await rig.channel.request('deals', FROM_THE_FIRST, LIMIT);
			const closing = deals.filter(({ entry }) => entry === 'out');
			expect(closing.map(({ lots }) => lots)).toEqual(['1.00', '1.00', '0.25']);
		});

		it('closes oldest first where the broker asks for it', async () => {
			const { rig } = await running({ broker: { seedPositions: [...TWO, ...TWO], isFifo: true } });
			const answer = await rig.channel.request('close_pass', ALL, LIMIT);
			expect(answer).toMatchObject({ closedPositions: 4, residuals: [] });
		});

		it('is told 10045 where an older position is not in scope', async () => {
			const { rig } = await running({ broker: { seedPositions: TWO, isFifo: true } });
			const mine = { magic: 42, deviationPoints: 20 };
			const { residuals } = await rig.channel.request('close_pass', mine, LIMIT);
			expect(residuals.map(({ brokerCode }) => brokerCode)).toEqual([10045]);
		});

		it.each([true, false])('closes by ticket, hedging: %s', async (hedging) => {
			const seedPositions = [
				{ symbol: 'EURUSD', side: 'buy', lots: '0.10', magic: 777 },
				{ symbol: 'USDJPY', side: 'sell', lots: '0.30', magic: 42 }
			];
			const { rig } = await running({ broker: { seedPositions, hedging } });
			expect(rig.channel.newest?.status.isHedging).toBe(hedging);
			const mine = { magic: 42, deviationPoints: 20 };
			expect(await rig.channel.request('close_pass', mine, LIMIT)).toMatchObject({
				closedPositions: 1,
				residuals: []
			});
			const { items } = await rig.channel.request('list_open', { magic: null }, LIMIT);
			expect(items).toMatchObject([{ symbol: 'EURUSD', side: 'buy', lots: '0.10' }]);
		});

		it('gives the closing deal the magic number of the position', async () => {
			const { rig } = await running({ broker: { seedPositions: TWO } });
			await rig.channel.request('close_pass', ALL, LIMIT);
			const { deals } = await rig.channel.request('deals', FROM_THE_FIRST, LIMIT);
			const closing = deals.filter(({ entry }) => entry === 'out');
			expect(closing.map(({ magic }) => magic)).toEqual([777, 42]);
		});

		it('is told 10031 while the broker’s server is out of reach', async () => {
			const { rig } = await running({ broker: { seedPositions: TWO } });
			await rig.faults.dropBroker(60_000);
			await rig.status('the loss', (status) => !status.isConnected);
			const { residuals } = await rig.channel.request('close_pass', ALL, LIMIT);
			expect(residuals.map(({ brokerCode }) => brokerCode)).toEqual([10031, 10031]);
		});

		it('leaves an EA on its chart, but not to open what was just closed', async () => {
			const { rig } = await running({ broker: { seedPositions: TWO } });
			await rig.loadEa(3);
			await rig.status('the EA', (status) => typeof status.ea?.readyAgeMs === 'number');
			const answer = await rig.channel.request('close_pass', ALL, LIMIT);
			expect(answer).toMatchObject({ closedPositions: 2, residuals: [] });
			const { seq } = await rig.status('a status', () => true);
			const later = await rig.status('more statuses', (status) => status.seq > seq + 2);
			expect(later).toMatchObject({ openPositions: 0, ea: { generation: 3 } });
		});

		it('closes many, and tells how many', async () => {
			const seedPositions = Array.from({ length: 120 }, (_, magic) => ({
				symbol: 'EURUSD',
				side: magic % 2 ? 'buy' : 'sell',
				lots: '0.01',
				magic
			}));
			const { rig } = await running({ broker: { seedPositions } });
			expect((await rig.channel.request('list_open', { magic: null }, LIMIT)).items).toHaveLength(120);
			let closed = 0;
			for (let pass = 0; pass < 10 && closed < 120; pass++)
				closed += (await rig.channel.request('close_pass', ALL, LIMIT)).closedPositions;
			expect(closed).toBe(120);
			await rig.status('nothing open', (status) => status.openPositions === 0);
		});
	});
}
