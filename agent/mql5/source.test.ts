/** What can be said of the MQL5 sources without a compiler for them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BRIDGE_REFUSALS } from '../src/bridge/contract.ts';
import { BRIDGE_FOLDER } from '../src/bridge/folder.ts';
import { eaTemplate } from '../src/terminal/template.ts';
import { parseTemplate } from '../src/terminal/templateText.ts';
import { MQL_FUNCTIONS } from './shim/mqlFunctions.ts';
import { isMeaning, tokenize, type Token } from './shim/mqlSource.ts';

const here = import.meta.dirname;
const FILES = ['Experts', 'Include'].flatMap((folder) =>
	readdirSync(join(here, folder), { recursive: true, encoding: 'utf8' })
		.filter((name) => /\.mq[5h]$/.test(name))
		.map((name) => join(folder, name))
);
const sourceOf = (file: string): string => readFileSync(join(here, file), 'utf8');
/** Tokens that mean something, those of `#define` with them. */
const tokensOf = (file: string): Token[] =>
	tokenize(sourceOf(file), file)
		.flatMap((token) =>
			token.kind === 'directive' && token.text.startsWith('#define')
				? tokenize(token.text.replace(/^#define\s+\w+/, ''), file).map((each) => ({
						...each,
						line: token.line
					}))
				: [token]
		)
		.filter(isMeaning);
const ALL = FILES.map((file) => ({ file, source: sourceOf(file), tokens: tokensOf(file) }));

const WORDS = new Set([
	'if',
	'for',
	'while',
	'switch',
	'return',
	'int',
	'long',
	'ulong',
	'uint',
	'double',
	'bool'
]);
const EVENTS = ['OnInit', 'OnDeinit', 'OnTimer', 'OnTick'];
/** `type name(` at the beginning of a line. */
const OURS = new Set([
	...EVENTS,
	...ALL.flatMap(({ source }) =>
		[...source.matchAll(/^[A-Za-z_]\w*\s+([A-Za-z_]\w*)\s*\(/gm)].map(([, name]) => name)
	)
]);

const OUR_CONSTANTS = new Set(
	ALL.flatMap(({ source }) => [
		...[...source.matchAll(/^#define\s+(\w+)/gm)].map(([, name]) => name),
		...[...source.matchAll(/^enum (\w+) \{([^}]*)\}/gm)].flatMap(([, name, items]) => [
			name,
			...[...(items ?? '').matchAll(/\w+/g)].map(([item]) => item)
		])
	])
);

interface Call {
	name: string;
	count: number;
	place: string;
}

/** Every `name(…)` with the number of its arguments. */
function callsIn(file: string, tokens: readonly Token[]): Call[] {
	return tokens.flatMap((token, at) => {
		if (token.kind !== 'name' || tokens[at + 1]?.text !== '(' || WORDS.has(token.text)) return [];
		let depth = 0;
		let commas = 0;
		let end = at + 1;
		for (; end < tokens.length; end++) {
			const text = tokens[end]?.text ?? '';
			if ('([{'.includes(text)) depth++;
			if (')]}'.includes(text)) depth--;
			if (depth === 0) break;
			if (text === ',' && depth === 1) commas++;
		}
		return [{ name: token.text, count: end === at + 2 ? 0 : commas + 1, place: `${file}:${token.line}` }];
	});
}
const CALLS = ALL.flatMap(({ file, tokens }) => callsIn(file, tokens)).filter(({ name }) => !OURS.has(name));

describe('MQL5 sources', () => {
	it('call only functions of the MQL5 Reference, with as many arguments as these take', () => {
		const wrong = CALLS.filter(({ name, count }) => {
			const [least, most] = MQL_FUNCTIONS[name] ?? [1, 0];
			return count < least || count > most;
		});
		expect(wrong).toEqual([]);
	});

	it('are all that the list of functions is there for', () => {
		const called = new Set(CALLS.map(({ name }) => name));
		expect(Object.keys(MQL_FUNCTIONS).filter((name) => !called.has(name))).toEqual([]);
	});

	it('use only constants that they define or that the shim has from the MQL5 Reference', () => {
		const official = new Set(readFileSync(join(here, 'shim', 'mql', 'enums.h'), 'utf8').match(/\w+/g));
		const used = ALL.flatMap(({ file, tokens }) =>
			tokens
				.filter(({ kind, text }) => kind === 'name' && /^[A-Z][A-Z0-9]*_[A-Z0-9_]+$/.test(text))
				.map(({ text, line }) => ({ text, place: `${file}:${line}` }))
		);
		expect(used.length).toBeGreaterThan(200);
		expect(used.filter(({ text }) => !OUR_CONSTANTS.has(text) && !official.has(text))).toEqual([]);
	});

	it.each(ALL)('$file is ASCII, short, and needs no DLL and no network', ({ file, source }) => {
		// MetaEditor reads a file without byte order mark in the machine's code page.
		expect([...source].filter((character) => character.charCodeAt(0) > 126)).toEqual([]);
		expect(source.split('\n').length).toBeLessThan(300);
		expect(source).not.toMatch(/#import|WebRequest|Socket|FILE_COMMON|goto|template\s*</);
		if (file.endsWith('.mqh')) expect(source).toMatch(/#ifndef (\w+)\n#define \1\n[^]*#endif\n$/);
	});

	it('include only what is there', () => {
		const included = ALL.flatMap(({ source }) =>
			[...source.matchAll(/^#include <([^>]+)>/gm)].map(([, name]) => name)
		);
		for (const name of included) expect(FILES).toContain(join('Include', ...(name ?? '').split('/')));
	});

	it('the EA template declares the inputs that the agent’s templates set', () => {
		const settings = {
			maxLotSize: '0.50',
			maxLoss: '0',
			safetyMode: 'GREEN' as const,
			closePositionsOnStop: true,
			expert: { path: 'Quintet\\EATemplate', symbol: 'EURUSD', timeframe: 'M15' as const, magic: 777 }
		};
		const set = [...(parseTemplate(eaTemplate(settings, 1))?.inputs.keys() ?? [])];
		const declared = [
			...sourceOf(join('Include', 'Quintet', 'QuintetEa.mqh')).matchAll(/^input \w+ (\w+) =/gm)
		];
		expect(declared.map(([, name]) => name).sort()).toEqual(set.sort());
	});

	it('refuse with the contract’s codes, and keep to its folder', () => {
		const verbs = sourceOf(join('Include', 'Quintet', 'Verbs.mqh'));
		const codes = [...verbs.matchAll(/Refuse\(result, "(\w+)"/g)].map(([, code]) => code);
		expect([...new Set(codes)].sort()).toEqual(Object.keys(BRIDGE_REFUSALS).sort());
		const paths = sourceOf(join('Include', 'Quintet', 'Paths.mqh'));
		for (const [, path] of paths.matchAll(/#define \w+_(?:FILE|FOLDER) "(\w+)/g))
			expect(path).toBe(BRIDGE_FOLDER.at(-1));
	});
});
