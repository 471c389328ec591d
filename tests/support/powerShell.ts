/**
 * PowerShell cannot be run here (under Wine it is a stub that says success). So scripts are kept thin, and what can
 * go wrong in them is looked for: code made of text, values outside of quotes, brackets that do not close.
 */
import { expect } from 'vitest';

export interface PowerShellToken {
	kind: 'comment' | 'single' | 'double' | 'code';
	text: string;
}

/** Tokens of PowerShell as far as our scripts use it. */
export function powerShellTokens(source: string): PowerShellToken[] {
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

/** What stands outside of texts and comments. */
export const powerShellCode = (source: string): string =>
	powerShellTokens(source)
		.filter(({ kind }) => kind === 'code')
		.map(({ text }) => text)
		.join(' ');

export function expectWholePowerShell(source: string): void {
	const code = powerShellCode(source);
	expect(
		powerShellTokens(source)
			.map(({ text }) => text)
			.join('')
	).toBe(source);
	expect(code).not.toMatch(/['"`]/);
	const open: string[] = [];
	for (const sign of code.match(/[(){}[\]]/g) ?? []) {
		if ('({['.includes(sign)) open.push(sign);
		else expect(open.pop()).toBe({ ')': '(', '}': '{', ']': '[' }[sign]);
	}
	expect(open).toEqual([]);
}

/** Values go as arguments of their own, never inside of a text, and no text becomes code. */
export function expectNoCodeOfText(source: string): void {
	expect(powerShellCode(source)).not.toMatch(
		/Invoke-Expression|\biex\b|ScriptBlock|-EncodedCommand|Start-Process|cmd(\.exe)?\s+\/c/i
	);
	for (const { text } of powerShellTokens(source).filter(({ kind }) => kind === 'double'))
		expect(text).not.toContain('$');
}
