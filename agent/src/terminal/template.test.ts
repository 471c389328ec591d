import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EaSettings } from '#lib/domain/eaSettings.ts';
import { BRIDGE_FOLDER } from '../bridge/folder.ts';
import { eaTemplate, settingsHash, writeEaTemplate } from './template.ts';
import { parseTemplate } from './templateText.ts';
import { decodeText } from './utf16.ts';

const GOOD: EaSettings = {
	maxLotSize: '0.5',
	maxLoss: '100',
	safetyMode: 'AMBER',
	closePositionsOnStop: false,
	expert: { path: 'Quintet\\EATemplate', symbol: 'EURUSD', timeframe: 'H4', magic: 777 }
};
const INPUTS = ['Generation', 'SettingsHash', 'MaxLotSize', 'MaxLoss', 'SafetyMode', 'Magic'].map(
	(name) => `Quintet${name}`
);

const nasty = fc
	.array(
		fc.oneof(
			fc.string({ unit: 'binary' }),
			fc.constantFrom('\r\n', '\n', '\u2028', '</inputs>', '<expert>', '=', '0.5', '\\..')
		)
	)
	.map((parts) => parts.join(''));

describe('chart template', () => {
	it('names the EA with its inputs', () => {
		const read = parseTemplate(eaTemplate(GOOD, 9));
		expect(Object.fromEntries(read?.chart ?? [])).toEqual({
			symbol: 'EURUSD',
			period_type: '1',
			period_size: '4'
		});
		expect(read?.expert?.get('path')).toBe('Experts\\Quintet\\EATemplate.ex5');
		expect(read?.expert?.get('name')).toBe('EATemplate');
		expect(Object.fromEntries(read?.inputs ?? [])).toEqual({
			QuintetGeneration: '9',
			QuintetSettingsHash: settingsHash(GOOD),
			QuintetMaxLotSize: '0.50',
			QuintetMaxLoss: '100.00',
			QuintetSafetyMode: 'AMBER',
			QuintetMagic: '777'
		});
	});

	it('gets no other input, key or line whatever is typed, in any of its values (X11)', () => {
		const lines = decodeText(eaTemplate(GOOD, 1)).split('\r\n').length;
		let written = 0;
		fc.assert(
			fc.property(
				fc.oneof(
					nasty,
					fc.stringMatching(/^[A-Z]{1,6}$/),
					fc.stringMatching(/^\d{1,3}\.\d\d$/),
					fc.integer()
				),
				fc.constantFrom(...['maxLotSize', 'maxLoss', 'safetyMode', 'path', 'symbol', 'timeframe', 'magic']),
				fc.boolean(),
				(odd, field, isNumberOdd) => {
					const settings = (
						field in GOOD ? { ...GOOD, [field]: odd } : { ...GOOD, expert: { ...GOOD.expert, [field]: odd } }
					) as EaSettings;
					const [generation, mode] = (isNumberOdd ? [odd, odd] : [1, 5]) as [number, number];
					let file: Buffer;
					try {
						file = eaTemplate(settings, generation, { expertMode: mode });
					} catch {
						return;
					}
					written += 1;
					const read = parseTemplate(file);
					expect([...(read?.inputs.keys() ?? [])]).toEqual(INPUTS);
					expect([...(read?.expert?.keys() ?? [])]).toEqual(['name', 'path', 'expertmode']);
					expect([...(read?.chart.keys() ?? [])]).toEqual(['symbol', 'period_type', 'period_size']);
					expect(decodeText(file).split(/[\r\n\u0085\u2028\u2029\v\f]+/)).toHaveLength(lines);
				}
			),
			{ numRuns: 1_000 }
		);
		// Otherwise the property above would hold for a writer that refuses everything.
		expect(written).toBeGreaterThan(50);
	});

	it('E7: no input of the EA can add a line, take one of ours, or go somewhere else (X10)', () => {
		const lines = decodeText(eaTemplate(GOOD, 7)).split('\r\n').length;
		let written = 0;
		fc.assert(
			fc.property(
				fc.array(
					fc.tuple(
						fc.oneof(
							fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,10}$/),
							fc.constantFrom('QuintetMagic', 'quintetmagic', 'QUINTETGENERATION', 'name', '</inputs>'),
							nasty
						),
						fc.oneof(fc.stringMatching(/^[ -~]{0,20}$/), nasty)
					),
					{ maxLength: 5 }
				),
				(inputs) => {
					let file: Buffer;
					try {
						file = eaTemplate(GOOD, 7, { inputs });
					} catch {
						return;
					}
					written += 1;
					const read = parseTemplate(file);
					expect([...(read?.inputs.keys() ?? [])].slice(0, INPUTS.length)).toEqual(INPUTS);
					expect(read?.inputs.get('QuintetMagic')).toBe(String(GOOD.expert.magic));
					expect(read?.inputs.get('QuintetGeneration')).toBe('7');
					expect([...(read?.expert?.keys() ?? [])]).toEqual(['name', 'path', 'expertmode']);
					const own = inputs.filter(([name]) => !/^quintet(magic|generation)$/i.test(name));
					expect([...(read?.inputs ?? [])].slice(INPUTS.length)).toEqual(own);
					const added = decodeText(file).split(/[\r\n\u0085\u2028\u2029\v\f]+/).length - lines;
					expect(added).toBe(own.length);
				}
			),
			{ numRuns: 1_000 }
		);
		expect(written).toBeGreaterThan(50);
	});

	it('lies in its folder and nowhere else, whatever its name is (X10)', async () => {
		const dir = await mkdtemp(join(tmpdir(), 'quintet-template-'));
		await fc.assert(
			fc.asyncProperty(nasty, fc.boolean(), async (odd, hasEnding) => {
				const name = hasEnding ? `${odd}.tpl` : odd;
				if (/^[A-Za-z0-9_-]{1,60}\.tpl$/.test(name)) return;
				await expect(writeEaTemplate(dir, name, GOOD, 1)).rejects.toThrow();
			}),
			{ numRuns: 200 }
		);
		await writeEaTemplate(dir, 'ea-1.tpl', GOOD, 1);
		const files = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((each) =>
			each.isFile()
		);
		expect(files.map(({ parentPath, name }) => join(parentPath, name))).toEqual([
			join(dir, ...BRIDGE_FOLDER, 'tpl', 'ea-1.tpl')
		]);
		await rm(dir, { recursive: true });
	});

	it.each([
		{ ...GOOD, expert: { ...GOOD.expert, path: '..\\..\\x' } },
		{ ...GOOD, expert: { ...GOOD.expert, symbol: 'EURUSD\r\nfoo=1' } },
		{ ...GOOD, maxLotSize: '1\nQuintetMagic=1' }
	])('refuses settings that are not settings', (settings) => {
		expect(() => eaTemplate(settings, 1)).toThrow();
	});

	it('is ignored without byte order mark', () => {
		expect(parseTemplate(eaTemplate(GOOD, 1).subarray(2))).toBeNull();
	});
});

describe('fingerprint of settings', () => {
	it('is the same for the same numbers written differently', () => {
		expect(settingsHash({ ...GOOD, maxLotSize: '0.50' })).toBe(settingsHash(GOOD));
	});

	it('does not depend on what the EA does not see', () => {
		expect(settingsHash({ ...GOOD, closePositionsOnStop: true })).toBe(settingsHash(GOOD));
	});

	it.each([
		{ ...GOOD, maxLotSize: '0.51' },
		{ ...GOOD, maxLoss: '101' },
		{ ...GOOD, safetyMode: 'RED' as const },
		{ ...GOOD, expert: { ...GOOD.expert, magic: 778 } },
		{ ...GOOD, expert: { ...GOOD.expert, symbol: 'GBPUSD' } },
		{ ...GOOD, expert: { ...GOOD.expert, file: { sha256: 'a'.repeat(64), bytes: 1, inputs: null } } },
		{
			...GOOD,
			expert: {
				...GOOD.expert,
				file: { sha256: 'a'.repeat(64), bytes: 1, inputs: { sha256: 'b'.repeat(64), bytes: 1 } }
			}
		}
	])('changes with every input', (settings) => {
		expect(settingsHash(settings)).toMatch(/^[0-9a-f]{32}$/);
		expect(settingsHash(settings)).not.toBe(settingsHash(GOOD));
	});
});
