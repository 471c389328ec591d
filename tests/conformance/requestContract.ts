/** What the bridge makes of requests: refusals by name, torn files, old ones, symbols, being initialised anew. */
import { describe, expect, it } from 'vitest';
import { encodeMessage } from '../../agent/src/bridge/message.ts';
import { waitFor } from '../support/waitFor.ts';
import { rawRequests } from './rawRequest.ts';
import { SETTINGS, type MakeRig } from './rig.ts';
import { useRigs } from './useRigs.ts';

const LIMIT = { timeoutMs: 30_000 };
const POSITION = [{ symbol: 'EURUSD', side: 'buy', lots: '0.10', magic: 777 }];
const CLOSE_ALL = { magic: null, deviationPoints: 20 };

const WRONG: ReadonlyArray<readonly [what: string, body: unknown]> = [
	['an unknown verb', { verb: 'open_position', args: {} }],
	['no verb', { args: {} }],
	['no arguments', { verb: 'unload_ea' }],
	['arguments that are no object', { verb: 'list_open', args: 'all' }],
	['a magic number that is text', { verb: 'list_open', args: { magic: '777' } }],
	['a magic number with a fraction', { verb: 'close_pass', args: { magic: 7.5, deviationPoints: 1 } }],
	['no scope, which is not the whole account', { verb: 'close_pass', args: { deviationPoints: 1 } }],
	['a negative deviation', { verb: 'close_pass', args: { magic: 1, deviationPoints: -1 } }],
	['a huge deviation', { verb: 'close_pass', args: { magic: 1, deviationPoints: 10_001 } }],
	['a ticket that is a number', { verb: 'close_one', args: { ticket: 1, deviationPoints: 1 } }],
	['a ticket that is no number', { verb: 'close_one', args: { ticket: '-1', deviationPoints: 1 } }],
	['no ticket, which is not all of them', { verb: 'close_one', args: { ticket: '', deviationPoints: 1 } }],
	['one ticket with no deviation', { verb: 'close_one', args: { ticket: '1' } }],
	[
		'a template outside of its folder',
		{ verb: 'load_ea', args: { template: '..\\..\\x.tpl', symbol: 'EURUSD', timeframe: 'M15' } }
	],
	[
		'a template that is none',
		{ verb: 'load_ea', args: { template: 'x.ini', symbol: 'EURUSD', timeframe: 'M15' } }
	],
	['no symbol', { verb: 'load_ea', args: { template: 'x.tpl', symbol: '', timeframe: 'M15' } }],
	[
		'an unknown timeframe',
		{ verb: 'load_ea', args: { template: 'x.tpl', symbol: 'EURUSD', timeframe: 'M7' } }
	],
	['a place in history that is none', { verb: 'deals', args: { sinceMs: -1, afterTicket: '0' } }],
	[
		'a ticket that no ulong holds',
		{ verb: 'close_one', args: { ticket: '18446744073709551616', deviationPoints: 1 } }
	],
	['a ticket of many digits', { verb: 'close_one', args: { ticket: '9'.repeat(20), deviationPoints: 1 } }],
	[
		'a place in history that no ulong holds',
		{ verb: 'deals', args: { sinceMs: 0, afterTicket: '9'.repeat(20) } }
	],
	['a ticket that is none', { verb: 'deals', args: { sinceMs: 0, afterTicket: 'x' } }]
];

export function describeRequests(name: string, makeRig: MakeRig): void {
	describe(`bridge requests: ${name}`, () => {
		const { rigFor, running, ended } = useRigs(makeRig);

		it('are refused as bad_request when they are wrong in any way, and nothing happens', async () => {
			const { rig } = await running({ broker: { seedPositions: POSITION } });
			rig.channel.close();
			const raw = rawRequests(rig);
			for (const [what, body] of WRONG) {
				const answer = await raw.ask((id) => ({ id, ...(body as object) }));
				expect(answer, what).toMatchObject({ ok: false, code: 'bad_request', message: expect.any(String) });
			}
			const { answer } = (await raw.ask((id) => ({ id, verb: 'list_open', args: { magic: null } }))) as {
				answer: { items: unknown[] };
			};
			expect(answer.items).toHaveLength(1);
		});

		it('are refused as expired when nobody waits for them any more, and carried out until then', async () => {
			const { rig } = await running({ broker: { seedPositions: POSITION } });
			rig.channel.close();
			const raw = rawRequests(rig);
			const close = (notAfterMs: number) =>
				raw.ask((id) => ({ id, verb: 'close_pass', args: CLOSE_ALL, notAfterMs }));
			expect(await close(Date.now() - 5_000)).toMatchObject({ ok: false, code: 'expired' });
			expect(await close(Date.now() + 60_000)).toMatchObject({ ok: true, answer: { closedPositions: 1 } });
		});

		it('are answered with their own id, and text of any kind comes through', async () => {
			const { rig } = await running();
			rig.channel.close();
			const raw = rawRequests(rig);
			const template = 'none.tpl';
			const symbol = 'Größe "\\\u0001/😀\n';
			expect(
				await raw.ask((id) => ({ id, verb: 'load_ea', args: { template, symbol, timeframe: 'H1' } }))
			).toEqual({
				id: 'raw-1',
				statusSeq: expect.any(Number),
				ok: false,
				code: 'template_missing',
				message: expect.any(String)
			});
		});

		it('are refused as not_logged_in where they ask for an account that is not there', async () => {
			const { rig } = await running();
			await rig.faults.logOut();
			await rig.status('the logout', ({ login }) => login === '0');
			const code = { code: 'not_logged_in' };
			const { channel } = rig;
			await expect(channel.request('list_open', { magic: null }, LIMIT)).rejects.toMatchObject(code);
			await expect(channel.request('close_pass', CLOSE_ALL, LIMIT)).rejects.toMatchObject(code);
			const one = { ticket: '1', deviationPoints: 20 };
			await expect(channel.request('close_one', one, LIMIT)).rejects.toMatchObject(code);
			await expect(channel.request('deals', { sinceMs: 0, afterTicket: '0' }, LIMIT)).rejects.toMatchObject(
				code
			);
		});

		it('T7: are no news while half of them is written, and are then carried out once', async () => {
			const { rig } = await running();
			const { seq } = await rig.status('a status', () => true);
			const raw = rawRequests(rig);
			const id = raw.newId();
			const whole = encodeMessage(id, { id, verb: 'list_open', args: { magic: null } });
			raw.write(id, whole.subarray(0, whole.length - 4));
			await rig.status('the bridge to look again', (status) => status.seq > seq + 2);
			expect(raw.isWaiting(id)).toBe(true);
			expect(raw.isAnswered(id)).toBe(false);
			rig.channel.close();
			raw.write(id, whole);
			expect(await raw.answer(id)).toMatchObject({ id, ok: true, answer: { items: [] } });
			expect(raw.isWaiting(id)).toBe(false);
		});

		it('T7: are thrown away when they stay torn, and hold up nobody', async () => {
			const { rig } = await running();
			const raw = rawRequests(rig);
			raw.write('torn', Buffer.from('12 abcdef01 torn\n{"half":'));
			expect(await rig.channel.request('list_open', { magic: null }, LIMIT)).toEqual({ items: [] });
			await waitFor('the torn file to be gone', () => !raw.isWaiting('torn'));
		});

		it('T7: are no news when a byte of them changed, or something is missing or too much', async () => {
			const { rig } = await running({ broker: { seedPositions: POSITION } });
			const raw = rawRequests(rig);
			const damages: ReadonlyArray<(file: string, id: string) => string> = [
				(file) => file.replace('"magic":null', '"magic":1234'),
				(file) => file.replace('list_open', 'list_opem'),
				(file) => `${file}x`,
				(file) => file.slice(0, -1),
				(file, id) => file.replace(`#END ${id}`, '#END other'),
				(file) => file.replace(/^(\d+)/, (length) => `${Number(length) + 1}`),
				(file) => file.replace(/^\d+ [0-9a-f]{8}/, (head) => head.toUpperCase().replace(/.$/, 'Z'))
			];
			const ids = damages.map((damage) => {
				const id = raw.newId();
				const whole = encodeMessage(id, { id, verb: 'list_open', args: { magic: null } }).toString();
				expect(damage(whole, id)).not.toBe(whole);
				raw.write(id, Buffer.from(damage(whole, id)));
				return id;
			});
			rig.channel.close();
			await waitFor('all of them to be thrown away', () => !ids.some(raw.isWaiting));
			for (const id of ids) expect(raw.isAnswered(id), id).toBe(false);
		});

		it('of before the terminal’s start are not carried out', async () => {
			const rig = await rigFor({ broker: { seedPositions: POSITION } });
			const raw = rawRequests(rig);
			const id = raw.newId();
			await rig.startWith(() =>
				raw.write(id, encodeMessage(id, { id, verb: 'close_pass', args: CLOSE_ALL }))
			);
			const { seq } = await rig.status('the login', (status) => status.isConnected);
			expect(raw.isWaiting(id)).toBe(false);
			const later = await rig.status('more statuses', (status) => status.seq > seq + 3);
			expect(later.openPositions).toBe(1);
		});

		it('find the broker’s symbol with its suffix, and no other one', async () => {
			const { rig } = await running({ broker: { symbolSuffix: '.raw' } });
			await rig.loadEa(1);
			const { ea, tickAgeMs } = await rig.status('the EA', (status) => status.ea !== null);
			expect(ea).toMatchObject({ symbol: 'EURUSD.raw', generation: 1 });
			expect(tickAgeMs).not.toBeNull();
			const named = { ...SETTINGS, expert: { ...SETTINGS.expert, symbol: 'US30.raw' } };
			await rig.loadEa(2, named);
			await rig.status('the EA on US30', (status) => status.ea?.symbol === 'US30.raw');
			for (const symbol of ['EURUS', 'EURUSD.pro', 'US3', 'raw']) {
				const wrong = { ...SETTINGS, expert: { ...SETTINGS.expert, symbol } };
				await expect(rig.loadEa(3, wrong), symbol).rejects.toMatchObject({ code: 'unknown_symbol' });
			}
			// A refused request leaves the EA that runs.
			expect((await rig.status('the EA', () => true)).ea?.generation).toBe(2);
		});

		it('are refused as chart_refused where no chart opens, and leave no EA behind', async () => {
			const { rig } = await running();
			await rig.loadEa(1);
			await rig.status('the EA', (status) => status.ea?.generation === 1);
			await rig.changeBroker({ refusesCharts: true });
			await expect(rig.loadEa(2)).rejects.toMatchObject({
				code: 'chart_refused',
				message: expect.stringContaining('4105')
			});
			await rig.status('no EA', (status) => status.ea === null);
			await rig.changeBroker({ refusesCharts: false });
			await rig.loadEa(3);
			await rig.status('the EA again', (status) => status.ea?.generation === 3);
		});

		it('are answered as before by a bridge that a new authorisation initialised anew', async () => {
			const { rig } = await running({ broker: { seedPositions: POSITION } });
			const seqs: number[] = [];
			rig.channel.onStatus((status) => seqs.push(status.seq));
			await rig.loadEa(5);
			await rig.status('the EA', (status) => typeof status.ea?.readyAgeMs === 'number');
			// Long enough for a look at it that comes late.
			await rig.faults.dropBroker(6_000);
			await rig.status('the loss', (status) => !status.isConnected);
			await rig.status('the reconnect', (status) => status.isConnected);
			const { ea, eaPositions } = await rig.status(
				'the EA again',
				(status) => typeof status.ea?.readyAgeMs === 'number'
			);
			expect(ea).toMatchObject({ generation: 5, path: SETTINGS.expert.path, magic: 777 });
			expect(eaPositions).toBe(1);
			expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
			await rig.channel.request('unload_ea', {}, LIMIT);
			await rig.status('no EA', (status) => status.ea === null);
		});

		it('an EA that the terminal saved at its end does not trade on after the next start', async () => {
			const { rig, process } = await running();
			await rig.loadEa(1);
			await rig.status('the EA', (status) => typeof status.ea?.readyAgeMs === 'number');
			await rig.kind.window.requestClose(process);
			await ended(rig, process);
			await rig.startAgain(true);
			const { seq } = await rig.status('the login', (status) => status.isConnected);
			const later = await rig.status('more statuses', (status) => status.seq > seq + 3);
			expect(later.ea).toBeNull();
		});
	});
}
