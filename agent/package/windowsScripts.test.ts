/**
 * PowerShell cannot be run here (under Wine it is a stub that says success). So the scripts are kept thin, and what
 * can go wrong in them is looked for: code made of text, values outside of quotes, brackets that do not close.
 */
import { readFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const FOLDER = join(import.meta.dirname, 'windows');

/** Tokens of PowerShell as far as these scripts use it. */
function tokens(source: string): { kind: 'comment' | 'single' | 'double' | 'code'; text: string }[] {
	const pattern = /<#[\s\S]*?#>|#[^\n]*|'(?:[^']|'')*'|"(?:[^"`]|`.|"")*"|[^'"#<]+|[\s\S]/g;
	return [...source.matchAll(pattern)].map(([text]) => ({
		text,
		kind: /^(<#|#)/.test(text)
			? 'comment'
			: text.startsWith("'")
				? 'single'
				: text.startsWith('"')
					? 'double'
					: 'code'
	}));
}

describe.each(globSync('*.ps1', { cwd: FOLDER }))('%s', (name) => {
	const source = readFileSync(join(FOLDER, name), 'utf8');
	const all = tokens(source);
	const code = all
		.filter(({ kind }) => kind === 'code')
		.map(({ text }) => text)
		.join(' ');

	it('can be taken apart without a rest, and every bracket closes', () => {
		expect(all.map(({ text }) => text).join('')).toBe(source);
		expect(code).not.toMatch(/['"`]/);
		const open: string[] = [];
		for (const sign of code.match(/[(){}[\]]/g) ?? []) {
			if ('({['.includes(sign)) open.push(sign);
			else expect(open.pop()).toBe({ ')': '(', '}': '{', ']': '[' }[sign]);
		}
		expect(open).toEqual([]);
	});

	it('builds no code and no command out of text', () => {
		expect(code).not.toMatch(
			/Invoke-Expression|\biex\b|ScriptBlock|-EncodedCommand|Start-Process|cmd(\.exe)?\s+\/c/i
		);
		// Values go as arguments of their own, never inside of a text.
		for (const { text } of all.filter(({ kind }) => kind === 'double')) expect(text).not.toContain('$');
	});

	it('takes no value without a rule for it, and stops at the first error', () => {
		const parameters = /param\(([\s\S]*?)\n\)/.exec(source)?.[1] ?? '';
		const lines = parameters.split('\n').filter((line) => line.includes('$'));
		expect(lines.length).toBeGreaterThan(0);
		for (const line of lines) expect(line).toMatch(/Validate(Pattern|Range)/);
		expect(source).toContain("$ErrorActionPreference = 'Stop'");
		expect(source).toContain('Set-StrictMode');
		expect(source).toContain('#Requires -RunAsAdministrator');
	});

	it('does nothing but call the agent, for anything that matters', () => {
		expect(code).not.toMatch(/icacls|New-Service|sc\.exe|schtasks|Set-ItemProperty|reg(\.exe)? add|Set-Acl/i);
	});
});
