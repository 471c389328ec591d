import fc from 'fast-check';
import { appendFile, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GOLDEN_BUILD, goldenFolder, programWithVersion } from '../../../../tests/support/goldenFolder.ts';
import { encodeUtf16 } from '../utf16.ts';
import { GoldenStore, GoldenUnfit, slugOf, type AddOptions } from './goldenStore.ts';
import { readPeVersion } from './peVersion.ts';

let root: string;
let store: GoldenStore;
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), 'quintet-golden-'));
	store = new GoldenStore(join(root, 'golden'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const OPTIONS: AddOptions = {
	broker: 'IC Markets',
	servers: ['ICMarketsSC-Demo', 'ICMarketsSC-*'],
	isDefault: false,
	leavesAccountOut: false,
	now: new Date('2026-01-01T00:00:00Z'),
	leastBytes: 10_000
};
const add = async (changes: Record<string, Buffer | string | null> = {}, options: Partial<AddOptions> = {}) =>
	store.add(await goldenFolder(join(root, 'source'), changes), { ...OPTIONS, ...options });
const problemsOf = async (work: Promise<unknown>): Promise<string> =>
	work.then(
		() => '',
		(error: unknown) => (error instanceof GoldenUnfit ? error.message : Promise.reject(error))
	);

describe('agent golden add', () => {
	it('takes a copy with the build of the program’s version resource, and leaves logs out', async () => {
		const { golden, warnings } = await add();
		expect(golden.manifest).toMatchObject({ broker: 'IC Markets', build: GOLDEN_BUILD });
		expect(golden.manifest.files.map(({ path }) => path)).toContain('config/servers.dat');
		expect(golden.manifest.files.map(({ path }) => path)).not.toContain('logs/20260101.log');
		expect((await readPeVersion(join(golden.tree, 'terminal64.exe')))?.build).toBe(GOLDEN_BUILD);
		expect(warnings).toEqual([]);
		expect(await store.verify('ic-markets')).toEqual([]);
	});

	it.each([
		['no terminal', { 'terminal64.exe': null }, 'terminal64.exe is missing'],
		['no server list', { 'config/servers.dat': null }, 'config/servers.dat is missing'],
		['somebody’s saved login', { 'config/accounts.dat': 'x' }, 'config/accounts.dat would bring'],
		['somebody’s settings', { 'Config/Common.ini': 'x' }, 'Config/Common.ini would bring'],
		['a terminal that is none', { 'terminal64.exe': 'not a program' }, 'build cannot be read'],
		['MetaTrader 4', { 'terminal64.exe': programWithVersion(1420) }, 'not one of MetaTrader 5']
	])('refuses a folder with %s', async (_, changes, sentence) => {
		expect(await problemsOf(add(changes))).toContain(sentence);
		expect(await store.slugs()).toEqual([]);
	});

	it('refuses a folder that is too small, and one that is none', async () => {
		expect(await problemsOf(add({}, { leastBytes: 10_000_000 }))).toContain('no complete installation');
		expect(await problemsOf(store.add(join(root, 'nowhere'), OPTIONS))).toContain('is no folder');
	});

	it('refuses a second one for the same broker', async () => {
		await add();
		expect(await problemsOf(add({}, { broker: 'IC  markets' }))).toContain('already');
	});

	it('leaves the account out when told so, with trades and chosen symbols', async () => {
		const { golden } = await add(
			{
				'config/accounts.dat': 'x',
				'config/common.ini': 'Login=1',
				'Bases/Broker-Demo/Trades/123.dat': 'x',
				'Bases/Broker-Demo/Symbols/selected-123.dat': 'x'
			},
			{ leavesAccountOut: true }
		);
		const paths = golden.manifest.files.map(({ path }) => path).join('\n');
		expect(paths).not.toMatch(/accounts\.dat|common\.ini|Trades|selected/);
	});

	it.runIf(process.platform === 'linux')('refuses the folder of a terminal that runs', async () => {
		const { spawn } = await import('node:child_process');
		const { chmod, copyFile } = await import('node:fs/promises');
		const folder = await goldenFolder(join(root, 'source'));
		await copyFile('/bin/sleep', join(folder, 'terminal64.exe'));
		await chmod(join(folder, 'terminal64.exe'), 0o755);
		const running = spawn(join(folder, 'terminal64.exe'), ['60'], { stdio: 'ignore' });
		await new Promise((resolve) => running.once('spawn', resolve));
		try {
			expect(await problemsOf(store.add(folder, OPTIONS))).toContain('A terminal runs from this folder');
		} finally {
			running.kill('SIGKILL');
		}
	});

	it('reads the build from the journal when the program does not say it', async () => {
		const line = 'AA\t0\t10:00:00.000\tTerminal\tMetaTrader 5 x64 build 5999 started for Broker\r\n';
		const { golden } = await add({ 'terminal64.exe': 'packed', 'logs/20260102.log': encodeUtf16(line) });
		expect(golden.manifest.build).toBe(5999);
	});
});

describe('agent golden verify', () => {
	it('tells of a file that was changed, removed or added', async () => {
		const { golden } = await add();
		await appendFile(join(golden.tree, 'terminal64.exe'), 'x');
		await rm(join(golden.tree, 'config', 'servers.dat'));
		await writeFile(join(golden.tree, 'evil.dll'), 'x');
		expect(await store.verify('ic-markets')).toEqual([
			'config/servers.dat is missing',
			'terminal64.exe was changed',
			'evil.dll was not part of it'
		]);
	});

	it('tells of a manifest that was changed along with the files', async () => {
		await add();
		const path = join(root, 'golden', 'ic-markets', 'manifest.json');
		const manifest = JSON.parse(await readFile(path, 'utf8'));
		manifest.files.pop();
		await writeFile(path, JSON.stringify(manifest));
		expect((await store.verify('ic-markets')).join()).toContain('the list of files was changed');
	});

	it('does not take a manifest whose paths lead out for one', async () => {
		await add();
		const path = join(root, 'golden', 'ic-markets', 'manifest.json');
		const manifest = JSON.parse(await readFile(path, 'utf8'));
		manifest.files[0].path = '../../outside.exe';
		await writeFile(path, JSON.stringify(manifest));
		expect(await store.list()).toEqual([]);
		expect(await store.verify('ic-markets')).toHaveLength(1);
	});
});

describe('which golden install an account gets', () => {
	it('goes by server, then by a pattern of servers, then by the broker’s name, then the default one', async () => {
		await add();
		await store.add(join(root, 'source'), { ...OPTIONS, broker: 'Other', servers: [], isDefault: true });
		const of = async (broker: string, server: string) => (await store.find({ broker, server }))?.slug;
		expect(await of('whatever', 'ICMarketsSC-Demo')).toBe('ic-markets');
		expect(await of('whatever', 'ICMarketsSC-Live07')).toBe('ic-markets');
		expect(await of('ic markets', 'X')).toBe('ic-markets');
		expect(await of('Unheard', 'X')).toBe('other');
	});

	it('is none when nothing fits and none is the default', async () => {
		await add();
		expect(await store.find({ broker: 'Unheard', server: 'X' })).toBeNull();
	});

	it('is none after it was removed', async () => {
		await add();
		expect(await store.remove('ic-markets')).toBe(true);
		expect(await store.remove('ic-markets')).toBe(false);
		expect(await readdir(join(root, 'golden'))).toEqual([]);
	});
});

const nasty = fc.constantFrom(
	'..',
	'/',
	'\\',
	'\0',
	'\n',
	'C:',
	'é',
	'漢',
	'\ud800',
	'con',
	'LPT1',
	' ',
	'-',
	'.'
);

describe('a broker’s name', () => {
	it('never becomes more than one plain part of a path, whatever it is (X11)', () => {
		fc.assert(
			fc.property(fc.array(fc.oneof(fc.string(), nasty), { maxLength: 6 }), (parts) => {
				const slug = slugOf(parts.join(''));
				expect(slug).toMatch(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$|^broker-$/);
				expect(slug).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)$/);
			})
		);
		expect(slugOf('CON')).toBe('broker-434f4e');
	});
});

describe('reading a program’s version', () => {
	it('gives null for anything that is no program, and does not fall over it', async () => {
		const path = join(root, 'x.exe');
		const good = programWithVersion(5830);
		await fc.assert(
			fc.asyncProperty(
				fc.oneof(
					fc.uint8Array({ maxLength: 600 }),
					fc.nat({ max: 900 }).map((length) => good.subarray(0, length)),
					fc.tuple(fc.nat({ max: 900 }), fc.nat({ max: 255 })).map(([at, value]) => {
						const damaged = Buffer.from(good);
						if (at < damaged.length) damaged[at] = value;
						return damaged;
					})
				),
				async (bytes) => {
					const file = await open(path, 'w');
					await file.writeFile(bytes);
					await file.close();
					const version = await readPeVersion(path);
					expect(version === null || Number.isInteger(version.build)).toBe(true);
				}
			),
			{ numRuns: 200 }
		);
	});
});
