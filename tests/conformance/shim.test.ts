/**
 * The bridge contract against the MQL5 bridge itself, run by the C++ shim. Needs g++: `npm run test:conformance`.
 */
import { describe, expect, it } from 'vitest';
import { buildShim } from '../../agent/mql5/shim/build.ts';
import { describeContract } from './contract.ts';
import { frameText, rawRequests } from './rawRequest.ts';
import { type BridgeRig } from './rig.ts';
import { simulatedRig } from './simulatedRig.ts';
import { useRigs } from './useRigs.ts';

const executable = await buildShim();

describeContract('MQL5 bridge in the shim', (setup) => simulatedRig(setup, executable));

const LIMIT = { timeoutMs: 60_000 };
const ALL = { magic: null, deviationPoints: 20 };

describe('MQL5 bridge at a slow trade server that fills small parts only', () => {
	const { running } = useRigs((setup) => simulatedRig(setup, executable));
	/** Of six seconds at most: a part takes at least this long, however slow the machine is. */
	const tradeDelayMs = 400;
	const MOST_PARTS = 6_000 / tradeDelayMs;
	// Without a limit: 200 parts, 80 s.
	const positions = ['EURUSD', 'XAUUSD'].map((symbol) => ({ symbol, side: 'buy', lots: '5.00', magic: 1 }));

	async function closed(rig: BridgeRig): Promise<number> {
		const { deals } = await rig.channel.request('deals', { sinceMs: 0, afterTicket: '0' }, LIMIT);
		return deals.filter(({ entry }) => entry === 'out').length;
	}
	const slow = () => running({ broker: { seedPositions: positions, partialFill: '0.01', tradeDelayMs } });

	it('answers a pass in its time, tells what is left, and is not silent meanwhile', async () => {
		const { rig } = await slow();
		const lots = new Set<string>();
		rig.channel.onStatus(({ openLots }) => lots.add(openLots));
		const { closedPositions, residuals } = await rig.channel.request('close_pass', ALL, LIMIT);
		const parts = await closed(rig);
		expect(parts).toBeGreaterThan(0);
		expect(parts).toBeLessThanOrEqual(MOST_PARTS + 1);
		expect(closedPositions).toBe(0);
		expect(residuals.map(({ symbol, lots: left, brokerCode }) => [symbol, left, brokerCode])).toEqual([
			['EURUSD', (5 - parts / 100).toFixed(2), 10010],
			// Not reached: nobody asked the broker about it.
			['XAUUSD', '5.00', null]
		]);
		expect(lots.size).toBeGreaterThan(3);
	});

	it('answers in its time when asked to close one', async () => {
		const { rig } = await slow();
		const { items } = await rig.channel.request('list_open', { magic: null }, LIMIT);
		const ticket = items[0]?.ticket ?? '';
		const answer = await rig.channel.request('close_one', { ticket, deviationPoints: 20 }, LIMIT);
		const parts = await closed(rig);
		expect(parts).toBeGreaterThan(0);
		expect(parts).toBeLessThanOrEqual(MOST_PARTS + 1);
		expect(answer).toMatchObject({
			done: 'position_reduced',
			residual: { ticket, lots: (5 - parts / 100).toFixed(2), brokerCode: 10010 }
		});
	});
});

describe('tickets of the MQL5 bridge', () => {
	const { running } = useRigs((setup) => simulatedRig(setup, executable));
	const seedPositions = [1, 2].map((magic) => ({ symbol: 'EURUSD', side: 'buy', lots: '0.10', magic }));

	// Around the largest long, where a signed number would turn negative, and in the last thousand of a ulong.
	it.each(['9223372036854775807', '18446744073709551000'])('are whole from %s on', async (firstTicket) => {
		const { rig } = await running({ broker: { seedPositions, firstTicket } });
		const first = BigInt(firstTicket);
		// A position and the deal that opened it, then the next position.
		const [one, two] = [first.toString(), (first + 2n).toString()];
		const { items } = await rig.channel.request('list_open', { magic: null }, LIMIT);
		expect(items.map(({ ticket }) => ticket)).toEqual([one, two]);
		const { channel } = rig;
		expect(await channel.request('close_one', { ticket: two, deviationPoints: 20 }, LIMIT)).toEqual({
			done: 'position_closed',
			residual: null
		});
		const place = { sinceMs: 0, afterTicket: '0' };
		const { deals } = await channel.request('deals', place, LIMIT);
		expect(deals.map(({ ticket, positionId, entry }) => [ticket, positionId, entry])).toEqual([
			[(first + 1n).toString(), one, 'in'],
			[(first + 3n).toString(), two, 'in'],
			[(first + 4n).toString(), two, 'out']
		]);
		const last = deals.at(-1);
		const after = { sinceMs: last?.timeMs ?? 0, afterTicket: last?.ticket ?? '' };
		expect((await channel.request('deals', after, LIMIT)).deals).toEqual([]);
		const left = await channel.request('list_open', { magic: null }, LIMIT);
		expect(left.items.map(({ ticket }) => ticket)).toEqual([one]);
	});
});

/** Each would be a fine request to a reader that looks away here and there. */
const NO_JSON = [
	'{"verb":"unload_ea","args":{},}',
	'{"verb":"unload_ea","args":{}',
	'{"verb":"unload_ea","args":{}}}',
	'{"verb":"unload_ea","args":{}} x',
	'{"verb":"unload_ea" "args":{}}',
	"{'verb':'unload_ea','args':{}}",
	'{verb:"unload_ea","args":{}}',
	'{"verb":"unload_ea","verb":"unload_ea","args":{}}',
	'{"verb":"unload_ea","args":{},"n":01}',
	'{"verb":"unload_ea","args":{},"n":1.}',
	'{"verb":"unload_ea","args":{},"n":.5}',
	'{"verb":"unload_ea","args":{},"n":+1}',
	'{"verb":"unload_ea","args":{},"n":NaN}',
	'{"verb":"unload_ea","args":{},"n":nul}',
	'{"verb":"unload_ea","args":{},"t":"\\x41"}',
	'{"verb":"unload_ea","args":{},"t":"\\u12"}',
	'{"verb":"unload_ea","args":{},"t":"\\u0000"}',
	'{"verb":"unload_ea","args":{},"t":"a\nb"}',
	'{"verb":"unload_ea","args":{},"t":"open}',
	'{"verb":"unload_ea","args":{},"a.b":1}',
	'{"verb":"unload_ea","args":{},"":1}',
	'{"verb":"unload_ea","args":{},"l":[1,]}',
	`{"verb":"unload_ea","args":{},"l":${'['.repeat(20)}${']'.repeat(20)}}`,
	'[{"verb":"unload_ea","args":{}}]',
	'"unload_ea"'
];
/** Unusual, but JSON. */
const JSON_ALL_THE_SAME = [
	' {\t"verb" : "unload_ea" ,\r\n "args" : { } } ',
	'{"verb":"unload\\u005fea","args":{}}',
	'{"new":[1,-0.5e+10,{"a":null},"\\ud83d\\ude00\\/"],"verb":"unload_ea","args":{"later":true}}'
];

describe('JSON module of the MQL5 bridge', () => {
	const { running } = useRigs((setup) => simulatedRig(setup, executable));

	it('refuses whatever is not one JSON object, and takes all that is', async () => {
		const { rig } = await running();
		rig.channel.close();
		const raw = rawRequests(rig);
		for (const text of NO_JSON) {
			const id = raw.newId();
			raw.write(id, frameText(id, text));
			expect(await raw.answer(id), text).toMatchObject({ id, ok: false, code: 'bad_request' });
		}
		for (const text of JSON_ALL_THE_SAME) {
			const id = raw.newId();
			raw.write(id, frameText(id, text));
			expect(await raw.answer(id), text).toEqual({ id, statusSeq: expect.any(Number), ok: true, answer: {} });
		}
	});
});
