import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { goldenFolder, programWithVersion, writeFolder } from '../../../../tests/support/goldenFolder.ts';
import { removeInstance } from './clone.ts';
import { GoldenStore } from './goldenStore.ts';
import { readInstallMark } from './installMark.ts';
import { InstallRefused } from './installRefused.ts';
import { createProvisioner } from './provisioner.ts';
import { createRenewal, type RenewalDependencies } from './renewal.ts';

const GIB = 1024 ** 3;
const ID = '0198f3c1-0000-7000-8000-000000000001';
const ACCOUNT = { broker: 'IC Markets', server: 'ICMarketsSC-Demo' };
const OWN = {
	'config/accounts.dat': 'saved login',
	'MQL5/Files/quintet/state.json': 'state of the bridge',
	'MQL5/Profiles/Charts/Default/chart01.chr': 'own chart',
	'MQL5/Experts/Mine/Trend.ex5': 'the trader’s EA',
	'Bases/gvariables.dat': 'globals',
	'logs/20260101.log': 'journal'
};

let root: string;
let dir: string;
let golden: GoldenStore;
const silent = { onStage: (): void => {}, signal: new AbortController().signal };

async function addGolden(build: number, changes: Record<string, string | null> = {}): Promise<void> {
	const folder = join(root, `source-${build}`);
	await goldenFolder(folder, { 'terminal64.exe': programWithVersion(build), ...changes });
	await golden.remove('ic-markets');
	const options = { servers: [], isDefault: false, leavesAccountOut: false, now: new Date(), leastBytes: 1 };
	await golden.add(folder, { broker: 'IC Markets', ...options });
}
const renewal = (changes: Partial<RenewalDependencies> = {}) =>
	createRenewal({ golden, mql5Source: null, wallMs: () => 0, freeBytes: async () => 10 * GIB, ...changes });
const install = () =>
	createProvisioner({
		golden,
		mql5: null,
		capacity: 5,
		wallMs: () => 0,
		freeBytes: async () => 10 * GIB
	}).install(dir, ACCOUNT, silent);
const refusalOf = (work: Promise<unknown>) =>
	work.then(
		() => null,
		(error: unknown) => (error instanceof InstallRefused ? error.code : Promise.reject(error))
	);
const read = (path: string) => readFile(join(dir, ...path.split('/')), 'utf8');
const beside = () => readdir(join(root, 'instances')).then((names) => names.filter((name) => name !== ID));

beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), 'quintet-renewal-'));
	dir = join(root, 'instances', ID);
	golden = new GoldenStore(join(root, 'golden'));
	await addGolden(5830, { 'old-only.dll': 'old', 'metatester64.exe': 'old' });
	await install();
	await writeFolder(dir, OWN);
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('what of a terminal is to be renewed', () => {
	it('nothing while it is a copy of the present golden install', async () => {
		expect(await renewal().need(dir)).toBeNull();
		expect(await renewal().copyOf(dir)).toBe('ic-markets');
	});

	it('the install, after another build was added for the broker', async () => {
		await addGolden(5900);
		expect(await renewal().need(dir)).toBe('install');
	});

	it('the bridge alone, when the agent brings other MQL5 files', async () => {
		const mql5Source = join(root, 'mql5');
		await writeFolder(mql5Source, { 'Experts/Quintet/QuintetBridge.mq5': '// newer' });
		expect(await renewal({ mql5Source }).need(dir)).toBe('bridge');
	});

	it('refuses a directory that is no copy, and one whose golden install is gone', async () => {
		await golden.remove('ic-markets');
		expect(await refusalOf(renewal().need(dir))).toBe('no_golden');
		await rm(join(dir, 'quintet-install.json'));
		expect(await refusalOf(renewal().need(dir))).toBe('instance_foreign');
		expect(await renewal().copyOf(dir)).toBeNull();
	});
});

describe('a renewal', () => {
	it('takes the program from the golden install, and keeps what is the account’s own', async () => {
		await addGolden(5900, { 'config/terminal.ini': 'newer' });
		const stages: string[] = [];
		await renewal().stage(dir, { ...silent, onStage: (stage) => stages.push(stage) });
		// Until here nothing of the terminal was touched.
		expect((await readInstallMark(dir))?.build).toBe(5830);
		await renewal().swap(dir);
		expect((await readInstallMark(dir))?.build).toBe(5900);
		expect(await read('config/terminal.ini')).toBe('newer');
		for (const [path, content] of Object.entries(OWN))
			expect([path, await read(path)]).toEqual([path, content]);
		expect(await readdir(dir)).not.toContain('old-only.dll');
		expect(await readdir(dir)).not.toContain('metatester64.exe');
		expect(stages).toContain('copying the new build, 100 %');
		expect(await renewal().need(dir)).toBeNull();
		expect(await beside()).toEqual([`.before-${ID}`]);
		await renewal().settle(dir);
		expect(await beside()).toEqual([]);
	});

	it('that did not prove itself is undone to the byte', async () => {
		await addGolden(5900);
		await renewal().stage(dir, silent);
		await renewal().swap(dir);
		await writeFile(join(dir, 'config', 'accounts.dat'), 'written by the new build');
		await renewal().goBack(dir);
		expect((await readInstallMark(dir))?.build).toBe(5830);
		expect(await read('config/accounts.dat')).toBe('saved login');
		expect(await read('old-only.dll')).toBe('old');
		expect(await beside()).toEqual([]);
	});

	it('refuses to put half a copy into a terminal’s place', async () => {
		await addGolden(5900);
		const end = new AbortController();
		const cut = renewal().stage(dir, {
			signal: end.signal,
			onStage: (stage) => / [1-9]\d %/.test(stage) && end.abort(new Error('cut'))
		});
		await expect(cut).rejects.toThrow('cut');
		expect(await refusalOf(renewal().swap(dir))).toBe('golden_damaged');
		expect((await readInstallMark(dir))?.build).toBe(5830);
	});

	it('refuses to begin without room, or from a golden install that is not what it was', async () => {
		await addGolden(5900);
		expect(await refusalOf(renewal({ freeBytes: async () => GIB }).stage(dir, silent))).toBe('disk_full');
		expect(await beside()).toEqual([]);
		const [only] = await golden.list();
		await writeFile(join(only?.tree ?? '', 'config', 'servers.dat'), 'other');
		expect(await refusalOf(renewal().stage(dir, silent))).toBe('golden_damaged');
		expect((await readInstallMark(dir))?.build).toBe(5830);
	});

	it('refuses to go back to what is not there', async () => {
		await expect(renewal().goBack(dir)).rejects.toThrow('nothing to go back to');
		expect(await read('config/accounts.dat')).toBe('saved login');
	});

	it('cut off between its two renames is put right before the next start', async () => {
		await rename(dir, join(root, 'instances', `.before-${ID}`));
		await writeFolder(dir, { 'MQL5/Files/quintet/req/none': '' });
		await install();
		expect(await read('config/accounts.dat')).toBe('saved login');
		expect(await beside()).toEqual([]);
	});

	it('leaves no saved login beside when its account leaves', async () => {
		await addGolden(5900);
		await renewal().stage(dir, silent);
		await renewal().swap(dir);
		await removeInstance(dir);
		expect(await readdir(join(root, 'instances'))).toEqual([]);
	});
});
