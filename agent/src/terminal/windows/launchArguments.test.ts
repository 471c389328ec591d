import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkArguments, terminalEnvironment } from './launchArguments.ts';

describe('a terminal’s command line', () => {
	it('takes the switches that the agent gives', () => {
		const args = [
			'/portable',
			'/login:84076984',
			'/config:C:\\Quintet\\instances\\0d5e8d0e\\config\\start.ini'
		];
		expect(checkArguments(args)).toEqual(args);
	});

	it('refuses every value that would need quoting, or could begin another switch', () => {
		const breaking = fc.constantFrom(
			' ',
			'"',
			"'",
			'\n',
			'\r',
			'\t',
			'\0',
			'&',
			'|',
			'<',
			'>',
			'^',
			'%',
			'`',
			'\u2028'
		);
		fc.assert(
			fc.property(fc.string(), breaking, fc.string(), (before, sign, after) => {
				expect(() => checkArguments([`/config:${before}${sign}${after}`])).toThrow(/argument 1/);
			})
		);
	});

	it('lets through only what reads back as the same one argument', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary' }), (value) => {
				const argument = `/config:${value}`;
				let passed: string[];
				try {
					passed = checkArguments([argument]);
				} catch {
					return;
				}
				expect(passed).toEqual([argument]);
				expect(['/portable', ...passed].join(' ').split(/[\s"]+/)).toEqual(['/portable', argument]);
			}),
			{ numRuns: 1_000 }
		);
	});

	it.each([
		'',
		'portable',
		'/',
		'//portable',
		'/:x',
		'-portable',
		'/config:',
		`/config:${'x'.repeat(2_000)}`
	])('refuses %j, which is no switch', (argument) => {
		expect(() => checkArguments([argument])).toThrow('no');
	});

	it('does not repeat what it refuses: that could be a secret', () => {
		expect(() => checkArguments(['/password:se cret'])).toThrow(/^(?!.*cret).*$/);
	});

	it('hands on Windows’ environment, and nothing of the agent’s own', () => {
		expect(
			terminalEnvironment({
				APPDATA: 'C:\\x',
				Path: 'C:\\y',
				QUINTET_AGENT_DIR: 'z',
				NODE_OPTIONS: 'o',
				npm_config_x: 'n'
			})
		).toEqual({ APPDATA: 'C:\\x', Path: 'C:\\y' });
	});
});
