import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sourceFiles, translateProgram } from './translate.ts';

describe('translating MQL5 to C++', () => {
	let base: string;
	beforeEach(() => {
		base = mkdtempSync(join(tmpdir(), 'quintet-translate-'));
		mkdirSync(join(base, 'Include', 'Sub'), { recursive: true });
	});
	afterEach(() => rmSync(base, { recursive: true }));

	const translate = (source: string, included: Record<string, string> = {}): string => {
		for (const [name, text] of Object.entries(included)) writeFileSync(join(base, 'Include', name), text);
		writeFileSync(join(base, 'Program.mq5'), source);
		return translateProgram('Sub\\Program', join(base, 'Program.mq5'), {
			include: join(base, 'Include'),
			base
		});
	};

	it.each([
		['string a = "x";', 'string a = u"x"_s;'],
		["ushort c = '\\\\';", "ushort c = u'\\\\';"],
		['double prices[];', 'array<double> prices;'],
		['long table[5];', 'array<mlong> table = array<mlong>(5);'],
		['void F(const uchar &bytes[], int n) {}', 'void F(const array<uchar> &bytes, int n) {}'],
		['void F(Item &items[]) {}', 'void F(array<Item> &items) {}'],
		['int F(int &a[]) { return a[0]; }', 'int F(array<int> &a) { return a[0]; }'],
		['ulong x = (ulong)items[i].ticket;', 'mulong x = (mulong)items[i].ticket;'],
		['// "not" \'this\' long\n', '// "not" \'this\' long\n'],
		['#define PATH "a\\\\b" + "c"', '#define PATH u"a\\\\b"_s + u"c"_s']
	])('makes %s into %s', (mql, cpp) => {
		expect(translate(mql)).toContain(cpp);
	});

	it('binds the inputs by their names, and leaves their groups out', () => {
		const cpp = translate(
			'input group "About"\ninput long Magic = 7; // which\ninput string Mode = "RED";\n'
		);
		expect(cpp).toContain('mlong Magic = 7;');
		expect(cpp).toContain('inputs.take("Magic", Magic);');
		expect(cpp).toContain('inputs.take("Mode", Mode);');
		expect(cpp).not.toMatch(/\binput\b|About/);
	});

	it('calls the events that are there', () => {
		const cpp = translate('int OnInit() { return 0; }\nvoid OnTick() {}\n');
		expect(cpp).toContain('int callInit() override { return OnInit(); }');
		expect(cpp).toContain('callTick');
		expect(cpp).not.toContain('callTimer');
	});

	it('takes each include once, in its place, with lines that name the source', () => {
		const source = '#property version "1"\n#include <Sub/A.mqh>\n#include <Sub/B.mqh>\nint last;\n';
		const cpp = translate(source, {
			'Sub/A.mqh': '#include <Sub\\B.mqh>\nint a;\n',
			'Sub/B.mqh': 'int b;\n'
		});
		expect(cpp.match(/int b;/g)).toHaveLength(1);
		expect(cpp.indexOf('int b;')).toBeLessThan(cpp.indexOf('int a;'));
		expect(cpp).toContain(`#line 1 "${join('Include', 'Sub', 'A.mqh')}"`);
		expect(cpp).not.toContain('#property');
		const roots = { include: join(base, 'Include'), base };
		expect(sourceFiles(join(base, 'Program.mq5'), roots)).toHaveLength(3);
	});

	it.each(['#include "A.mqh"', 'string a = "open;\n', 'int a = §;'])('refuses %s', (source) => {
		expect(() => translate(source)).toThrow(/Program\.mq5:1/);
	});
});
