import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	expectNoCodeOfText,
	expectWholePowerShell,
	powerShellCode
} from '../../../../tests/support/powerShell.ts';
import { installScript } from './installScript.ts';

const ORIGIN = 'https://quintet.example:8443';

describe('the script behind the one line of the install page', () => {
	const script = installScript(ORIGIN);

	it('is whole, and builds no code out of text', () => {
		expectWholePowerShell(script);
		expectNoCodeOfText(script);
	});

	it('does not end the PowerShell of whoever typed the line: the fingerprint must be read there', () => {
		expect(powerShellCode(script)).not.toMatch(/\bexit\b/i);
		expect(script).toContain("throw ('The installation ended with ' + $LASTEXITCODE");
	});

	it('leaves nothing behind: no setting of the session but TLS, and no package in its folder', () => {
		const body = script.slice(script.indexOf('& {'));
		expect(body).toContain("$ErrorActionPreference = 'Stop'");
		expect(script.slice(0, script.indexOf('& {'))).not.toContain('$ErrorActionPreference');
		expect(body).toMatch(/finally \{\s+Remove-Item -LiteralPath \$folder/);
	});

	it('takes the code as an argument, asks without one, and hands on only what looks like one', () => {
		expect(script).toMatch(/^#[^\n]*\r\nparam\(\[string\] \$Code = ''\)/);
		expect(script).toContain("if ($Code -eq '') { $Code = (Read-Host");
		expect(script.indexOf("-notmatch '^[A-Za-z0-9-]*$'")).toBeLessThan(script.indexOf('-File $install'));
	});

	it('takes no origin that would be more than a text of it, whatever the request said (X11)', () => {
		const shape = script.replace(ORIGIN, '');
		fc.assert(
			fc.property(
				fc.oneof(
					fc.string({ unit: 'binary' }),
					fc.string({
						unit: fc.constantFrom("'", '"', '$', '(', ')', ';', '`', '\n', '\r', ' ', 'a', '/', ':')
					})
				),
				fc.constantFrom('http://', 'https://', ''),
				(odd, scheme) => {
					const origin = `${scheme}${odd}`;
					let made: string;
					try {
						made = installScript(origin);
					} catch {
						return;
					}
					expect(made.replace(`'${origin}'`, "''")).toBe(shape);
					expect(origin).not.toMatch(/['"$`\s]/);
				}
			),
			{ numRuns: 300 }
		);
	});
});
