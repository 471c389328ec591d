import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inputsText, MOST_INPUTS, MOST_SET_BYTES, parseInputsText, parseSet, SetUnfit } from './setFile.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const utf16 = (text: string): Uint8Array => Buffer.from(`\ufeff${text}`, 'utf16le');

const SAVED = [
	'; saved on 2026.11.20 12:00:00',
	'; this file contains input parameters for testing/optimizing MyEA expert advisor',
	'Lots=0.10||0.1||0.01||1.0||N',
	'InpComment=grid; night',
	'InpEmpty=',
	'InpUrl=https://example.test/?a=b',
	''
].join('\r\n');
const INPUTS = [
	['Lots', '0.10'],
	['InpComment', 'grid; night'],
	['InpEmpty', ''],
	['InpUrl', 'https://example.test/?a=b']
];

describe('E7: the inputs in a .set file', () => {
	it.each([
		['UTF-16, as MetaTrader saves it', utf16(SAVED)],
		['UTF-8', utf8(SAVED)],
		['UTF-8 with a byte order mark', utf8(`\ufeff${SAVED}`)],
		['ends of line of Unix', utf8(SAVED.replaceAll('\r\n', '\n'))]
	])('are read from %s', (_what, file) => expect(parseSet(file)).toEqual(INPUTS));

	it('are the values alone in a file of MetaTrader 4’s tester', () => {
		expect(parseSet(utf8('Lots=0.1\nLots,F=0\nLots,1=0.1\nLots,2=0\nLots,3=0\n'))).toEqual([['Lots', '0.1']]);
	});

	it.each([
		['a line that is no input', 'Lots=1\nhello\n', 'Line 2'],
		['a section', '[Tester]\nLots=1\n', 'Line 1'],
		['a tag of a template', '</inputs>=1\n', 'Line 1'],
		['a name with a blank', 'My Lots=1\n', 'Line 1'],
		['the same name twice', 'Lots=1\nlots=2\n', 'second time'],
		['a control character in a value', 'Lots=1\u0007\n', 'control character'],
		['a line separator in a value', 'Lots=a\u2028b\n', 'control character'],
		['a value that is too long', `Lots=${'9'.repeat(251)}\n`, 'longer'],
		['too many inputs', Array.from({ length: MOST_INPUTS + 1 }, (_, i) => `I${i}=1\n`).join(''), 'more than'],
		['no input', '; nothing\n', 'no input']
	])('%s is refused with its line', (_what, text, word) => {
		expect(() => parseSet(utf8(text))).toThrow(SetUnfit);
		expect(() => parseSet(utf8(text))).toThrow(word);
	});

	it('a file that is too large, or no text, is refused', () => {
		expect(() => parseSet(new Uint8Array(MOST_SET_BYTES + 1))).toThrow('larger');
		expect(() => parseSet(new Uint8Array([0x41, 0x3d, 0xff, 0xc0]))).toThrow('neither');
	});

	it('whatever the file is: it is refused, or all of it is plain and comes back the same', () => {
		let read = 0;
		fc.assert(
			fc.property(
				fc.oneof(
					fc.uint8Array({ maxLength: 200 }),
					fc
						.array(fc.oneof(fc.stringMatching(/^[A-Za-z]{1,4}=[ -~]{0,8}$/), fc.string({ unit: 'binary' })), {
							maxLength: 4
						})
						.map((lines) => utf8(lines.join('\n')))
				),
				(file) => {
					let inputs;
					try {
						inputs = parseSet(file);
					} catch (error) {
						expect(error).toBeInstanceOf(SetUnfit);
						return;
					}
					read += 1;
					const text = inputsText(inputs);
					expect(parseInputsText(text)).toEqual(inputs);
					expect(text.split(/[\r\n\u0085\u2028\u2029\v\f]/)).toHaveLength(inputs.length + 1);
				}
			),
			{ numRuns: 500 }
		);
		expect(read).toBeGreaterThan(20);
	});

	it.each(['Lots', 'Lots=1', 'Lots=1\nLots=2\n', '=1\n', 'Lots=1\r\n', '\n'])(
		'the agent takes no other form than the plain one: %j',
		(text) => expect(() => parseInputsText(text)).toThrow()
	);
});
