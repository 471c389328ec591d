import { readFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectNoCodeOfText, expectWholePowerShell, powerShellCode } from '../../tests/support/powerShell.ts';

const FOLDER = join(import.meta.dirname, 'windows');

describe.each(globSync('*.ps1', { cwd: FOLDER }))('%s', (name) => {
	const source = readFileSync(join(FOLDER, name), 'utf8');
	const code = powerShellCode(source);

	it('can be taken apart without a rest, and every bracket closes', () => expectWholePowerShell(source));

	it('builds no code and no command out of text', () => expectNoCodeOfText(source));

	it('takes no value without a rule for it, and stops at the first error', () => {
		const parameters = /param\(([\s\S]*?)\n\)/.exec(source)?.[1] ?? '';
		const lines = parameters.split('\n').filter((line) => line.includes('$'));
		expect(lines.length).toBeGreaterThan(0);
		for (const line of lines) expect(line).toMatch(/Validate(Pattern|Range)/);
		expect(source).toContain("$ErrorActionPreference = 'Stop'");
		expect(source).toContain('Set-StrictMode');
		expect(source).toContain('#Requires -RunAsAdministrator');
	});

	it('takes no text that Windows would split, or that would leave its quotes', () => {
		for (const [, pattern = ''] of source.matchAll(/ValidatePattern\('([^']*)'\)/g)) {
			const takes = (text: string) => new RegExp(pattern).test(text);
			for (const text of ['a"b', 'a b"', '"', 'C:\\a"b', 'a" --force "', 'a b\\'])
				expect([pattern, text, takes(text)]).toEqual([pattern, text, false]);
		}
	});

	it('ends with the exit code of the agent’s command that failed, and with 0 else', () => {
		expect(source.trimEnd()).toMatch(/\nexit (0|\$LASTEXITCODE)$/);
	});

	it('does nothing but call the agent, for anything that matters', () => {
		expect(code).not.toMatch(/icacls|New-Service|sc\.exe|schtasks|Set-ItemProperty|reg(\.exe)? add|Set-Acl/i);
	});
});
