import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EaSettings } from '#lib/domain/eaSettings.ts';
import { eaTemplate, settingsHash } from './template.ts';
import { parseTemplate } from './templateText.ts';

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

	it('gets no other input whatever is typed (X11)', () => {
		fc.assert(
			fc.property(nasty, fc.constantFrom('maxLotSize', 'maxLoss', 'path', 'symbol'), (text, field) => {
				const settings: EaSettings =
					field === 'path' || field === 'symbol'
						? { ...GOOD, expert: { ...GOOD.expert, [field]: text } }
						: { ...GOOD, [field]: text };
				let file: Buffer;
				try {
					file = eaTemplate(settings, 1);
				} catch {
					return;
				}
				const read = parseTemplate(file);
				expect([...(read?.inputs.keys() ?? [])]).toEqual(INPUTS);
				expect([...(read?.expert?.keys() ?? [])]).toEqual(['name', 'path', 'expertmode']);
			}),
			{ numRuns: 500 }
		);
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
		{ ...GOOD, expert: { ...GOOD.expert, symbol: 'GBPUSD' } }
	])('changes with every input', (settings) => {
		expect(settingsHash(settings)).toMatch(/^[0-9a-f]{32}$/);
		expect(settingsHash(settings)).not.toBe(settingsHash(GOOD));
	});
});
