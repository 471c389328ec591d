/**
 * The bridge contract, stated once. A kind of terminal that passes may stand behind ports.ts.
 */
import { describe, expect, it } from 'vitest';
import { BridgeRefusal, BridgeTimeout } from '../../agent/src/bridge/errors.ts';
import { parseIni } from '../../agent/src/terminal/iniText.ts';
import { settingsHash } from '../../agent/src/terminal/template.ts';
import { decodeText } from '../../agent/src/terminal/utf16.ts';
import { waitFor } from '../support/waitFor.ts';
import { SETTINGS, type BridgeRig, type MakeRig } from './rig.ts';
import { useRigs } from './useRigs.ts';

const LIMIT = { timeoutMs: 30_000 };
const MINE = { magic: SETTINGS.expert.magic, deviationPoints: 20 };
const ALL = { magic: null, deviationPoints: 20 };
const FOUR = [
	{ symbol: 'EURUSD', side: 'buy', lots: '0.10', magic: 777, hasStopLoss: false },
	{ symbol: 'XAUUSD', side: 'sell', lots: '0.20', magic: 777 },
	{ symbol: 'US30', side: 'buy', lots: '1.00', magic: 42 },
	{ symbol: 'USDJPY', side: 'sell', lots: '0.05', magic: 0, hasStopLoss: false }
];
const ORDERS = [
	{ symbol: 'EURUSD', side: 'buy', lots: '0.10', magic: 777 },
	{ symbol: 'EURUSD', side: 'buy', lots: '0.10', magic: 42 }
];

export function describeBridge(name: string, makeRig: MakeRig): void {
	describe(`bridge contract: ${name}`, () => {
		const { rigFor, running, ended } = useRigs(makeRig);
		const told = (rig: BridgeRig, kind: 'authorised' | 'refused') =>
			waitFor(`the journal’s word “${kind}”`, () => rig.events.find((event) => event.kind === kind));
		describe('login', () => {
			it('tells of a right password in journal and status', async () => {
				const rig = await rigFor({ broker: { password: 'secret' } });
				await rig.start('secret');
				expect(await told(rig, 'authorised')).toMatchObject(rig.account);
				expect(await rig.status('the login', (status) => status.isConnected)).toMatchObject({
					...rig.account,
					balance: '10000.00',
					ea: null
				});
			});

			it('tells of a wrong password, and never of a login', async () => {
				const rig = await rigFor();
				await rig.start('wrong one');
				expect(await told(rig, 'refused')).toMatchObject({ ...rig.account, reason: 'Invalid password' });
				expect(rig.events.some((event) => event.kind === 'authorised')).toBe(false);
				expect(rig.channel.newest?.status.isConnected ?? false).toBe(false);
			});

			it('waits for a slow broker', async () => {
				const rig = await rigFor({ broker: { loginDelayMs: 5_000 } });
				await rig.start();
				await waitFor('the first line', () => rig.events.length > 0);
				expect(rig.channel.newest).toBeNull();
				await rig.status('the login', (status) => status.isConnected);
			});

			it('needs no password again once it was saved', async () => {
				const { rig, process } = await running({ broker: { password: 'secret' } });
				await rig.kind.window.requestClose(process);
				await ended(rig, process);
				await rig.startAgain();
				await rig.status('the login', (status) => status.isConnected);
			});

			it('is refused when the saved password is no longer right', async () => {
				const { rig, process } = await running({ broker: { password: 'secret' } });
				await rig.changeBroker({ password: 'another' });
				await rig.kind.launcher.kill(process);
				await rig.startAgain();
				expect(await told(rig, 'refused')).toMatchObject({ reason: 'Invalid password' });
			});

			it('is gone after the broker threw it out', async () => {
				const { rig } = await running();
				await rig.faults.logOut();
				await rig.status('the logout', (status) => !status.isConnected && status.login === '0');
			});
		});

		describe('status', () => {
			it('grows in seq', async () => {
				const { rig } = await running();
				const seqs: number[] = [];
				rig.channel.onStatus((status) => seqs.push(status.seq));
				await waitFor('five statuses', () => seqs.length >= 5);
				expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
			});

			it('counts positions, orders, and what has no stop-loss', async () => {
				const { rig } = await running({ broker: { seedPositions: FOUR, seedOrders: ORDERS } });
				expect(rig.channel.newest?.status).toMatchObject({
					openPositions: 4,
					openLots: '1.35',
					unprotectedPositions: 2,
					pendingOrders: 2,
					eaPositions: 0
				});
			});

			it('loses the broker and finds it again', async () => {
				const { rig } = await running();
				// Long enough for a look at it that comes late.
				await rig.faults.dropBroker(6_000);
				await rig.status('the loss', (status) => !status.isConnected);
				await rig.status('the reconnect', (status) => status.isConnected);
			});

			it('stops while the bridge is silent, and comes back', async () => {
				const { rig } = await running();
				await rig.faults.silenceBridge(4_000);
				const silence = await waitFor('the silence', () => {
					const readAtMs = rig.channel.newest?.readAtMs ?? 0;
					return performance.now() - readAtMs > 1_000 ? readAtMs : null;
				});
				await waitFor('a new status', () => (rig.channel.newest?.readAtMs ?? 0) > silence);
			});
		});

		describe('EA', () => {
			it('is loaded, gets ready, beats, and echoes generation and settings', async () => {
				const { rig } = await running();
				await rig.loadEa(7);
				const { ea } = await rig.status(
					'a beating EA',
					(status) => typeof status.ea?.heartbeatAgeMs === 'number'
				);
				expect(ea).toMatchObject({
					path: SETTINGS.expert.path,
					symbol: 'EURUSD',
					timeframe: 'M15',
					magic: 777,
					generation: 7,
					settingsHash: settingsHash(SETTINGS),
					errors: []
				});
				expect(ea?.readyAgeMs).not.toBeNull();
			});

			it('is attached but not ready while its OnInit lasts', async () => {
				const { rig } = await running({ broker: { eaReadyDelayMs: 8_000 } });
				await rig.loadEa(1);
				const early = await rig.status('an EA', (status) => status.ea !== null);
				expect(early.ea).toMatchObject({ readyAgeMs: null, heartbeatAgeMs: null });
				await rig.status('a ready EA', (status) => typeof status.ea?.readyAgeMs === 'number');
			});

			it('is replaced by the next one', async () => {
				const { rig } = await running();
				await rig.loadEa(1);
				await rig.status('the first', (status) => status.ea?.generation === 1);
				await rig.loadEa(2, { ...SETTINGS, maxLotSize: '0.10' });
				const { ea } = await rig.status('the second', (status) => status.ea?.generation === 2);
				expect(ea?.settingsHash).not.toBe(settingsHash(SETTINGS));
			});

			it('is unloaded, also when there is none', async () => {
				const { rig } = await running();
				await rig.loadEa(1);
				await rig.status('the EA', (status) => status.ea !== null);
				for (let time = 0; time < 2; time++) await rig.channel.request('unload_ea', {}, LIMIT);
				await rig.status('no EA', (status) => status.ea === null);
			});

			it('is refused by name without its template or its symbol', async () => {
				const { rig } = await running();
				const missing = { template: 'none.tpl', symbol: 'EURUSD', timeframe: 'M15' };
				await expect(rig.channel.request('load_ea', missing, LIMIT)).rejects.toMatchObject({
					code: 'template_missing'
				});
				const expert = { ...SETTINGS.expert, symbol: 'EURUSD.nowhere' };
				const error = await rig.loadEa(1, { ...SETTINGS, expert }).catch((reason: unknown) => reason);
				expect(error).toBeInstanceOf(BridgeRefusal);
				expect(error).toMatchObject({ code: 'unknown_symbol' });
			});

			it('never gets ready when its OnInit fails', async () => {
				const { rig } = await running();
				await rig.loadEa(1, { ...SETTINGS, expert: { ...SETTINGS.expert, path: 'BrokenEa' } });
				await waitFor('the journal’s word', () =>
					rig.events.find((event) => event.kind === 'line' && event.message.includes('initialization failed'))
				);
				expect(rig.channel.newest?.status.ea).toBeNull();
			});
		});

		describe('Algo Trading', () => {
			it('is toggled by each press, and the EA stays', async () => {
				const { rig, process } = await running();
				await rig.loadEa(1);
				await rig.status('the EA', (status) => status.ea !== null);
				await rig.kind.window.toggleAlgoTrading(process);
				const off = await rig.status('off', (status) => !status.isTerminalTradeAllowed);
				expect(off.ea).not.toBeNull();
				await rig.kind.window.toggleAlgoTrading(process);
				await rig.status('on', (status) => status.isTerminalTradeAllowed);
			});

			it('is saved at a clean end, and as the saved configuration says after the next start', async () => {
				const { rig, process } = await running();
				await rig.kind.window.toggleAlgoTrading(process);
				await rig.status('off', (status) => !status.isTerminalTradeAllowed);
				await rig.kind.window.requestClose(process);
				await ended(rig, process);
				const saved = parseIni(decodeText(await rig.savedConfig()));
				expect(saved.get('Experts')?.get('Enabled')).toBe('0');
				expect(saved.get('Common')?.has('Password')).toBe(false);
				await rig.startAgain();
				const status = await rig.status('the login', (each) => each.isConnected);
				expect(status.isTerminalTradeAllowed).toBe(false);
			});
		});

		describe('closing', () => {
			it('closes everything in scope, and nothing else', async () => {
				const { rig } = await running({ broker: { seedPositions: FOUR, seedOrders: ORDERS } });
				const answer = await rig.channel.request('close_pass', MINE, LIMIT);
				expect(answer).toEqual({ closedPositions: 2, deletedOrders: 1, residuals: [] });
				const { items } = await rig.channel.request('list_open', { magic: null }, LIMIT);
				expect(items.map((item) => `${item.type} ${item.symbol} ${item.lots}`).sort()).toEqual([
					'order EURUSD 0.10',
					'position US30 1.00',
					'position USDJPY 0.05'
				]);
				expect((await rig.channel.request('list_open', MINE, LIMIT)).items).toEqual([]);
			});

			it('closes the whole account when asked to', async () => {
				const { rig } = await running({ broker: { seedPositions: FOUR, seedOrders: ORDERS } });
				const answer = await rig.channel.request('close_pass', ALL, LIMIT);
				expect(answer).toEqual({ closedPositions: 4, deletedOrders: 2, residuals: [] });
				const status = await rig.status('an empty account', (each) => each.openPositions === 0);
				expect(status).toMatchObject({ pendingOrders: 0, margin: '0.00', marginLevel: null });
				expect(status.equity).toBe(status.balance);
			});

			it('is refused with 10027 while Algo Trading is off', async () => {
				const { rig } = await running({ broker: { seedPositions: FOUR, seedOrders: ORDERS } }, false);
				const answer = await rig.channel.request('close_pass', MINE, LIMIT);
				expect(answer).toMatchObject({ closedPositions: 0, deletedOrders: 0 });
				expect(answer.residuals.map((item) => item.brokerCode)).toEqual([10027, 10027, 10027]);
				expect(answer.residuals.map((item) => item.hasStopLoss)).toEqual([false, false, true]);
			});

			it('is refused with 10018 until the market opens', async () => {
				const { rig } = await running({ broker: { seedPositions: FOUR, isMarketClosed: true } });
				const closed = await rig.channel.request('close_pass', MINE, LIMIT);
				expect(closed.residuals.map((item) => item.brokerCode)).toEqual([10018, 10018]);
				expect(rig.channel.newest?.status.isMarketOpen).toBe(false);
				await rig.changeBroker({ isMarketClosed: false });
				const open = await rig.channel.request('close_pass', MINE, LIMIT);
				expect(open).toMatchObject({ closedPositions: 2, residuals: [] });
			});

			it('says when a closed market opens, by the calendar, and nothing where that says nothing', async () => {
				const opensInMs = 26 * 3_600_000;
				const broker = { seedPositions: FOUR, isMarketClosed: true, marketOpensInMs: opensInMs };
				const { rig } = await running({ broker });
				const closed = await rig.channel.request('close_pass', ALL, LIMIT);
				expect(Math.abs((closed.marketOpensInMs ?? 0) - opensInMs)).toBeLessThan(5_000);
				await rig.changeBroker({ isMarketClosed: true, marketOpensInMs: null });
				const unknown = await rig.channel.request('close_pass', ALL, LIMIT);
				expect(unknown.residuals).toHaveLength(4);
				expect(unknown).not.toHaveProperty('marketOpensInMs');
				// The calendar has a session now, and the broker is closed all the same: a holiday.
				await rig.changeBroker({ isMarketClosed: false, closeCode: 10018 });
				expect(await rig.channel.request('close_pass', ALL, LIMIT)).toMatchObject({ marketOpensInMs: 0 });
				await rig.changeBroker({ closeCode: 10004 });
				expect(await rig.channel.request('close_pass', ALL, LIMIT)).not.toHaveProperty('marketOpensInMs');
			});

			it('gives the broker’s own code for what it did not close', async () => {
				const { rig } = await running({ broker: { seedPositions: FOUR, closeCode: 10004 } });
				const answer = await rig.channel.request('close_pass', ALL, LIMIT);
				expect(answer.residuals.map((item) => item.brokerCode)).toEqual([10004, 10004, 10004, 10004]);
			});
		});

		describe('process', () => {
			it('is found again by its directory, and is not another one', async () => {
				const { rig, process } = await running();
				expect(await rig.kind.launcher.find(rig.instanceDir)).toEqual(process);
				expect(await rig.kind.launcher.find(`${rig.instanceDir}x`)).toBeNull();
				expect(await rig.kind.launcher.isAlive({ ...process, createdAt: '1' })).toBe(false);
			});

			it('loses no position and no scope in a crash', async () => {
				const { rig, process } = await running({ broker: { seedPositions: FOUR } });
				await rig.loadEa(1);
				await rig.status('the EA', (status) => status.eaPositions === 2);
				await rig.faults.crash();
				await ended(rig, process);
				await rig.startAgain(true);
				const status = await rig.status('the login', (each) => each.isConnected);
				expect(status).toMatchObject({ openPositions: 4, eaPositions: 2, seq: expect.any(Number) });
				expect(status.ea).toBeNull();
			});

			it('refuses a second copy, which ends within seconds and changes nothing', async () => {
				const { rig, process } = await running();
				const second = await rig.startSecondCopy();
				await ended(rig, second);
				expect(await rig.kind.launcher.find(rig.instanceDir)).toEqual(process);
				const { seq } = await rig.status('a status', () => true);
				await rig.status('more statuses', (status) => status.seq > seq + 2);
			});

			it('is seen to hang, answers nothing, and can be killed', async () => {
				const { rig, process } = await running();
				expect(await rig.kind.window.isHung(process)).toBe(false);
				await rig.faults.hang();
				await waitFor('the hang', () => rig.kind.window.isHung(process));
				const request = rig.channel.request('unload_ea', {}, { timeoutMs: 300 });
				await expect(request).rejects.toBeInstanceOf(BridgeTimeout);
				expect(await rig.kind.launcher.isAlive(process)).toBe(true);
				await rig.kind.launcher.kill(process);
				expect(await rig.kind.launcher.find(rig.instanceDir)).toBeNull();
			});

			it('does not carry out a press of the button that was meant for an earlier process', async () => {
				const { rig, process } = await running();
				await rig.kind.launcher.kill(process);
				await rig.kind.window.toggleAlgoTrading(process);
				await rig.startAgain(true);
				const { seq } = await rig.status('the login', (status) => status.isConnected);
				const later = await rig.status('more statuses', (status) => status.seq > seq + 2);
				expect(later.isTerminalTradeAllowed).toBe(true);
			});
		});
	});
}
