/** T1, C5: what is open on the accounts and how their terminals are, from the agent's word to the page's. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenBookView } from '#lib/domain/openItems.ts';
import type { Preferences } from '#lib/domain/preferences.ts';
import type { ConnectionStatusView } from '#lib/domain/views.ts';
import type { OpenItems, Vitals } from '#lib/protocol/openItems.ts';
import { ApiClient } from '../../support/client.ts';
import { EventReader } from '../../support/eventReader.ts';
import { arrangeScene } from '../../support/scene.ts';
import { seenState, type ScriptedAgent } from '../../support/scriptedAgent.ts';
import { waitFor } from '../../support/waitFor.ts';
import { startWebServer, type WebServer } from '../../support/webServer.ts';

let web: WebServer;
beforeAll(async () => {
	web = await startWebServer();
});
afterAll(() => web.stop());

/** A broker two hours ahead of UTC, in winter. */
const VITALS: Vitals = { pingMs: 23.4, tickAgeMs: 400, isMarketOpen: true, gmtOffsetMin: 120 };
const ITEM = {
	ticket: '18446744073709551615',
	timeMs: Date.UTC(2026, 10, 20, 14, 2, 11, 250),
	symbol: 'EURUSD',
	lots: '0.10',
	price: '1.08400',
	sl: null,
	tp: '1.09000',
	priceCurrent: '1.08520',
	magic: '777',
	comment: '<b>“grid”</b>'
};
const OPEN: OpenItems = {
	positions: [{ ...ITEM, type: 'buy', swap: '-0.42', profit: '12.00' }],
	orders: [{ ...ITEM, ticket: '7', type: 'sell stop limit', stopLimit: '1.08000', state: 'placed' }]
};

function tell(
	agent: ScriptedAgent,
	accountId: string,
	parts: { open?: OpenItems | null; vitals?: Vitals | null }
) {
	const state = seenState({ algo: 'running' });
	agent.send({
		type: 'telemetry',
		accounts: [{ accountId, epoch: 1, ageMs: 0, state, figures: null, ...parts }]
	});
}
const bookOf = async (client: ApiClient) => (await client.get<OpenBookView>('/api/user/positions')).body;

describe('T1: positions and orders', () => {
	it('are listed with the moments that the broker’s clock means, and the raw time beside them', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 2);
		const [first = '', second = ''] = accounts.map(({ id }) => id);
		// Nobody told anything: not known, which is not "none".
		expect((await bookOf(trader)).accounts.map(({ open }) => open)).toEqual([null, null]);
		tell(agent, first, { open: OPEN, vitals: VITALS });
		tell(agent, second, { open: { positions: [], orders: [] }, vitals: VITALS });
		const told = await waitFor('the positions', async () => {
			const { accounts: books } = await bookOf(trader);
			return books.every(({ open }) => open) ? books : null;
		});
		const item: Partial<typeof ITEM> = { ...ITEM };
		delete item.timeMs;
		const times = { at: '2026-11-20T12:02:11.250Z', serverTime: '2026-11-20 14:02:11.250' };
		expect(told.find(({ accountId }) => accountId === first)?.open).toEqual({
			positions: [{ ...item, ...times, type: 'buy', swap: '-0.42', profit: '12.00' }],
			orders: [
				{ ...item, ...times, ticket: '7', type: 'sell stop limit', stopLimit: '1.08000', state: 'placed' }
			]
		});
		expect(told.find(({ accountId }) => accountId === second)?.open).toEqual({ positions: [], orders: [] });
		const stranger = new ApiClient(web.origin);
		await stranger.register('stranger@example.test');
		expect((await bookOf(stranger)).accounts).toEqual([]);
		agent.drop();
	});

	it('have the hour of a broker’s summer, and no moment at all while its clock is not known', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 1);
		const [id = ''] = accounts.map((account) => account.id);
		const summer = {
			...ITEM,
			timeMs: Date.UTC(2026, 6, 1, 15),
			type: 'buy' as const,
			swap: '0',
			profit: '0'
		};
		const first = async () => (await bookOf(trader)).accounts[0]?.open?.positions[0];
		tell(agent, id, { open: { positions: [summer], orders: [] }, vitals: null });
		expect(await waitFor('the position', first)).toMatchObject({
			at: null,
			serverTime: '2026-07-01 15:00:00.000'
		});
		tell(agent, id, { vitals: VITALS });
		await waitFor('the clock', async () => (await first())?.at === '2026-07-01T12:00:00.000Z');
		agent.drop();
	});

	it('D2: reach the page when they change, all of them at the beginning, and not with every figure', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 1);
		const [id = ''] = accounts.map((account) => account.id);
		tell(agent, id, { open: OPEN, vitals: VITALS });
		await waitFor('the positions', async () => (await bookOf(trader)).accounts[0]?.open);
		const reader = await EventReader.open(trader);
		const begin = await reader.next('book', ({ accounts: [book] }) => book?.open?.positions.length === 1);
		expect(begin.accounts).toHaveLength(1);
		tell(agent, id, { vitals: { ...VITALS, pingMs: 77 } });
		await reader.next('telemetry', ({ accounts: [news] }) => news?.vitals?.pingMs === 77);
		expect(reader.of('book')).toHaveLength(1);
		tell(agent, id, { open: { ...OPEN, positions: [] } });
		const end = await reader.next('book', ({ accounts: [book] }) => book?.open?.positions.length === 0);
		expect(end.accounts[0]?.open?.orders).toHaveLength(1);
		// The terminal went: what is open is not known any more.
		tell(agent, id, { open: null });
		await reader.next('book', ({ accounts: [book] }) => book?.open === null);
		reader.close();
		agent.drop();
	});

	it('P1: come in several parts when they are many, none missing, and nobody is told to begin anew', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 5);
		const many = (profit: string): OpenItems => ({
			positions: Array.from({ length: 100 }, (_, i) => ({
				...ITEM,
				ticket: `${i}`,
				comment: 'x'.repeat(32),
				type: 'buy',
				swap: '0.00',
				profit
			})),
			orders: []
		});
		const reader = await EventReader.open(trader);
		const toldOf = (profit: string) =>
			new Set(
				reader
					.of('book')
					.flatMap((book) => book.accounts)
					.filter(({ open }) => open?.positions.length === 100 && open.positions[0]?.profit === profit)
					.map(({ accountId }) => accountId)
			);
		for (const profit of ['1.00', '2.00']) {
			for (const { id } of accounts) tell(agent, id, { open: many(profit), vitals: VITALS });
			await waitFor(`all five with ${profit}`, () => {
				// As an agent does every second.
				agent.send({
					type: 'telemetry',
					accounts: accounts.map(({ id }) => ({ accountId: id, epoch: 1, ageMs: 0, vitals: VITALS }))
				});
				return toldOf(profit).size === 5;
			});
		}
		expect(reader.of('resync')).toEqual([]);
		reader.close();
		agent.drop();
	});
});

describe('C5: the health of a connection', () => {
	it('has ping, last tick and last heartbeat, with their moments', async () => {
		const { trader, agent, accounts } = await arrangeScene(web, 1);
		const [id = ''] = accounts.map((account) => account.id);
		const status = async () =>
			(await trader.get<ConnectionStatusView>(`/api/user/mt5-accounts/${id}/status`)).body.vitals;
		expect(await status()).toBeNull();
		agent.send({
			type: 'telemetry',
			accounts: [
				{
					accountId: id,
					epoch: 1,
					ageMs: 0,
					state: seenState({ algo: 'running' }),
					ea: { heartbeatAgeMs: 60_000, errors: [] },
					vitals: { ...VITALS, tickAgeMs: 120_000 }
				}
			]
		});
		const vitals = await waitFor('the vitals', status);
		expect(vitals).toMatchObject({ pingMs: 23.4, isMarketOpen: true, brokerOffsetMin: 120 });
		const ageS = (at: string | null) => (Date.now() - Date.parse(at ?? '')) / 1000;
		for (const [at, seconds] of [
			[vitals.lastHeartbeatAt, 60],
			[vitals.lastTickAt, 120]
		] as const) {
			expect(ageS(at)).toBeGreaterThanOrEqual(seconds - 1);
			expect(ageS(at)).toBeLessThan(seconds + 30);
		}
		agent.drop();
	});
});

describe('S4: preferences', () => {
	it('are remembered per person, and only what they can be is taken', async () => {
		const path = '/api/user/preferences';
		const anna = new ApiClient(web.origin);
		await anna.register('anna@example.test');
		const ben = new ApiClient(web.origin);
		await ben.register('ben@example.test');
		expect((await anna.get<Preferences>(path)).body).toEqual({ tradeClock: 'MINE', hasShortcuts: true });
		const changed = await anna.send<Preferences>('PATCH', path, { tradeClock: 'BROKER' });
		expect(changed.body).toEqual({ tradeClock: 'BROKER', hasShortcuts: true });
		expect((await anna.send('PATCH', path, { tradeClock: 'MOON' })).status).toBe(400);
		expect((await anna.send('PATCH', path, { role: 'OPERATOR' })).status).toBe(400);
		expect((await anna.get<Preferences>(path)).body.tradeClock).toBe('BROKER');
		expect((await ben.get<Preferences>(path)).body.tradeClock).toBe('MINE');
	});
});
