import fc from 'fast-check';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
	checkedIni,
	commonIni,
	IniInjection,
	launchIni,
	startIni,
	wipeStartIni,
	writeStartIni,
	type StartIni
} from './ini.ts';
import { parseIni, type IniSections } from './iniText.ts';
import { decodeText, hasUtf16Bom } from './utf16.ts';

const GOOD: StartIni = {
	login: '123',
	password: 's;e[c]=ret',
	server: 'Broker-Demo 2',
	isAlgoTradingOn: false
};

/** Text that tries hard: breaks of all kinds, brackets, equals signs, whole injected lines. */
const nasty = fc
	.array(
		fc.oneof(
			fc.string({ unit: 'binary' }),
			fc.constantFrom(
				'\r\n',
				'\n',
				'\r',
				'\u0085',
				'\u2028',
				'\u2029',
				'\v',
				'\f',
				'\0',
				'[Experts]',
				'=',
				';'
			),
			fc.constantFrom('Login=1', '\r\n[Common]\r\nLogin=1', 'AllowDllImport=1', '[', ']', ' ', '\ufeff')
		),
		{ maxLength: 5 }
	)
	.map((parts) => parts.join(''));

const keysOf = (file: Buffer) =>
	[...parseIni(decodeText(file))].map(([section, keys]) => [section, [...keys.keys()]]);
const EXPERTS = ['Experts', ['Enabled', 'AllowLiveTrading', 'AllowDllImport', 'Account', 'Profile', 'Chart']];

describe('start.ini', () => {
	it('holds the account, and the switches without which the terminal turns Algo Trading off', () => {
		const read = parseIni(decodeText(startIni(GOOD)));
		expect(Object.fromEntries(read.get('Common') ?? [])).toMatchObject({
			Login: '123',
			Password: 's;e[c]=ret',
			Server: 'Broker-Demo 2',
			KeepPrivate: '1'
		});
		expect(Object.fromEntries(read.get('Experts') ?? [])).toEqual({
			Enabled: '0',
			AllowLiveTrading: '1',
			AllowDllImport: '0',
			Account: '0',
			Profile: '0',
			Chart: '0'
		});
	});

	it('is UTF-16LE with byte order mark', () => {
		expect(hasUtf16Bom(startIni(GOOD))).toBe(true);
	});

	it('gets no other key or section whatever is typed (X11)', () => {
		let written = 0;
		fc.assert(
			fc.property(nasty, nasty, nasty, (login, password, server) => {
				for (const values of [{ password }, { server }, { login }, { login, password, server }]) {
					let file: Buffer;
					try {
						file = startIni({ ...GOOD, ...values });
					} catch {
						continue;
					}
					written += 1;
					expect(keysOf(file)).toEqual([
						['Common', ['Login', 'Password', 'Server', 'KeepPrivate', 'NewsEnable']],
						EXPERTS
					]);
					expect(parseIni(decodeText(file)).get('Common')?.get('Password')).toBe(
						values.password ?? GOOD.password
					);
				}
			}),
			{ numRuns: 500 }
		);
		// Otherwise the property above would hold for a writer that refuses everything.
		expect(written).toBeGreaterThan(20);
	});

	it.each(['x\r\n[Common]\r\nLogin=1', 'x\nLogin=1', 'x\rLogin=1', 'x\u0085', 'x\u2028y', ' x', 'x\0'])(
		'refuses the password %j',
		(password) => {
			expect(() => startIni({ ...GOOD, password })).toThrow();
		}
	);

	it('is plain ASCII where the build wants that and the values allow it, else UTF-16 all the same', () => {
		expect(startIni(GOOD, 'ascii').toString('latin1')).toContain('Password=s;e[c]=ret\r\n');
		const file = startIni({ ...GOOD, password: 'pässwörd' }, 'ascii');
		expect(hasUtf16Bom(file)).toBe(true);
		expect(parseIni(decodeText(file)).get('Common')?.get('Password')).toBe('pässwörd');
	});

	it('brings no EA, which would be loaded and never begin', () => {
		expect(parseIni(decodeText(startIni(GOOD))).has('StartUp')).toBe(false);
	});

	it('is wiped without a trace, also twice', async () => {
		const folder = await mkdtemp(join(tmpdir(), 'quintet-ini-'));
		const path = await writeStartIni(folder, GOOD);
		expect((await stat(path)).mode & 0o077).toBe(0);
		expect(decodeText(await readFile(path))).toContain('s;e[c]=ret');
		expect(await wipeStartIni(folder)).toBe(true);
		expect(await wipeStartIni(folder)).toBe(false);
		expect(await readdir(folder)).toEqual([]);
		await rm(folder, { recursive: true });
	});
});

describe('an INI file of any sections', () => {
	it('reads back as exactly these sections, keys and values, or is not written (X11)', () => {
		let written = 0;
		fc.assert(
			fc.property(nasty, nasty, nasty, fc.constantFrom('utf16', 'ascii'), (key, value, section, encoding) => {
				for (const sections of [
					[['Common', [['Server', value]]]],
					[['Common', [[key, '1']]]],
					[[section, [['Server', '1']]]],
					[
						[
							'Common',
							[
								['Server', value],
								[key, value]
							]
						],
						[section, [[key, '1']]]
					]
				] as IniSections[]) {
					let file: Buffer;
					try {
						file = checkedIni(sections, encoding as 'utf16' | 'ascii');
					} catch (error) {
						expect(error).toBeInstanceOf(IniInjection);
						continue;
					}
					written += 1;
					const read = [...parseIni(decodeText(file))].map(([name, keys]) => [name, [...keys]]);
					expect(read).toEqual(sections);
				}
			}),
			{ numRuns: 500 }
		);
		expect(written).toBeGreaterThan(100);
	});
});

describe('common.ini', () => {
	it('holds no secret', () => {
		const { login, server } = GOOD;
		const file = commonIni({ login, server, isAlgoTradingOn: true });
		expect(keysOf(file)).toEqual([['Common', ['Login', 'Server', 'KeepPrivate', 'NewsEnable']], EXPERTS]);
	});
});

describe('launch.ini', () => {
	const values = { login: GOOD.login, server: GOOD.server, isAlgoTradingOn: false };

	it('holds the bridge without a symbol, and no secret', () => {
		const read = parseIni(decodeText(launchIni(values)));
		expect(Object.fromEntries(read.get('StartUp') ?? [])).toEqual({ Expert: 'Quintet\\QuintetBridge' });
		expect(read.get('Common')?.has('Password')).toBe(false);
	});

	const plain = fc.stringMatching(/^[A-Za-z][A-Za-z0-9.-]{0,20}$/);

	it('gets no other key or section whatever is typed, in either encoding (X11)', () => {
		let written = 0;
		fc.assert(
			fc.property(nasty, nasty, plain, fc.constantFrom('utf16', 'ascii'), (login, odd, even, encoding) => {
				const server = `${even}${odd}`;
				for (const changed of [{ server }, { server: even }, { login }, { login, server }])
					for (const write of [launchIni, commonIni]) {
						let file: Buffer;
						try {
							file = write({ ...values, ...changed }, encoding as 'utf16' | 'ascii');
						} catch {
							continue;
						}
						written += 1;
						const startUp = write === launchIni ? [['StartUp', ['Expert']]] : [];
						expect(keysOf(file)).toEqual([
							['Common', ['Login', 'Server', 'KeepPrivate', 'NewsEnable']],
							EXPERTS,
							...startUp
						]);
					}
			}),
			{ numRuns: 500 }
		);
		expect(written).toBeGreaterThan(20);
	});
});
