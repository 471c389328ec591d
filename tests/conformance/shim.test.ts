/**
 * The bridge contract against the MQL5 bridge itself, run by the C++ shim. Needs g++: `npm run test:conformance`.
 */
import { describe, expect, it } from 'vitest';
import { buildShim } from '../../agent/mql5/shim/build.ts';
import { describeContract } from './contract.ts';
import { frameText, rawRequests } from './rawRequest.ts';
import { simulatedRig } from './simulatedRig.ts';
import { useRigs } from './useRigs.ts';

const executable = await buildShim();

describeContract('MQL5 bridge in the shim', (setup) => simulatedRig(setup, executable));

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
			expect(await raw.answer(id), text).toEqual({ id, ok: true, answer: {} });
		}
	});
});
