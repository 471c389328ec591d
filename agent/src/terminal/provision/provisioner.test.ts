import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GOLDEN_BUILD, goldenFolder, writeFolder } from '../../../../tests/support/goldenFolder.ts';
import { diskFiles } from '../instanceFiles.ts';
import { encodeUtf16 } from '../utf16.ts';
import { GoldenStore } from './goldenStore.ts';
import { type InstallRefusal, InstallRefused } from './installRefused.ts';
import { INSTALL_MARK, readInstallMark } from './installMark.ts';
import { type RunProgram } from './metaEditor.ts';
import { createProvisioner, type ProvisionerDependencies } from './provisioner.ts';

const GIB = 1024 ** 3;
const ID = '0198f3c1-0000-7000-8000-000000000001';
const OTHER = '0198f3c1-0000-7000-8000-000000000002';
const ACCOUNT = { broker: 'IC Markets', server: 'ICMarketsSC-Demo' };

let root: string;
let instances: string;
let golden: GoldenStore;
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), 'quintet-provision-'));
	instances = join(root, 'instances');
	golden = new GoldenStore(join(root, 'golden'));
	await golden.add(await goldenFolder(join(root, 'source')), {
		broker: 'IC Markets',
		servers: [],
		isDefault: false,
		leavesAccountOut: false,
		now: new Date(),
		leastBytes: 1
	});
});
afterEach(() => rm(root, { recursive: true, force: true }));

const provisioner = (changes: Partial<ProvisionerDependencies> = {}) =>
	createProvisioner({
		golden,
		mql5: null,
		capacity: 5,
		wallMs: () => 0,
		freeBytes: async () => 10 * GIB,
		...changes
	});
const refusalOf = async (work: Promise<unknown>): Promise<InstallRefusal | null> =>
	work.then(
		() => null,
		(error: unknown) => (error instanceof InstallRefused ? error.code : Promise.reject(error))
	);
const silent = { onStage: (): void => {}, signal: new AbortController().signal };

describe('a clone of a golden install', () => {
	it('has every file, the bridge’s folder and the mark, and tells how far it is', async () => {
		const dir = join(instances, ID);
		const stages: string[] = [];
		await provisioner().install(dir, ACCOUNT, { ...silent, onStage: (stage) => stages.push(stage) });
		expect(await readFile(join(dir, 'config', 'servers.dat'))).toHaveLength(3_000);
		expect((await stat(join(dir, 'MQL5', 'Files', 'quintet', 'req'))).isDirectory()).toBe(true);
		expect(await readInstallMark(dir)).toMatchObject({ golden: 'ic-markets', build: GOLDEN_BUILD });
		expect(stages).toContain('copying the terminal, 100 %');
		expect(await readdir(instances)).toEqual([ID]);
	});

	it('takes the place of the folder that the bridge’s channel made already', async () => {
		const dir = join(instances, ID);
		await mkdir(join(dir, 'MQL5', 'Files', 'quintet', 'req'), { recursive: true });
		await provisioner().install(dir, ACCOUNT, silent);
		expect(await readInstallMark(dir)).not.toBeNull();
	});

	it('is made once: what the terminal changed in it since stays', async () => {
		const dir = join(instances, ID);
		await provisioner().install(dir, ACCOUNT, silent);
		await writeFile(join(dir, 'config', 'accounts.dat'), 'saved');
		await provisioner().install(dir, ACCOUNT, silent);
		expect(await readFile(join(dir, 'config', 'accounts.dat'), 'utf8')).toBe('saved');
	});

	it('is no hard link: what one terminal writes is in no other, nor in the golden install', async () => {
		const install = provisioner().install;
		await Promise.all([ID, OTHER].map((id) => install(join(instances, id), ACCOUNT, silent)));
		await appendFile(join(instances, ID, 'config', 'terminal.ini'), 'changed');
		expect(await readFile(join(instances, OTHER, 'config', 'terminal.ini'), 'utf8')).toBe('x');
		expect(await golden.verify('ic-markets')).toEqual([]);
	});

	it('goes on where one was cut short, and never shows the half of it as a terminal', async () => {
		const dir = join(instances, ID);
		const end = new AbortController();
		const cut = provisioner().install(dir, ACCOUNT, {
			signal: end.signal,
			onStage: (stage) => /, [1-9]\d? %/.test(stage) && end.abort(new Error('cut'))
		});
		await expect(cut).rejects.toThrow('cut');
		expect(await readInstallMark(dir)).toBeNull();
		expect(await readdir(instances)).toEqual([`.staging-${ID}`]);
		await provisioner().install(dir, ACCOUNT, silent);
		expect(await readInstallMark(dir)).not.toBeNull();
		expect(await readdir(instances)).toEqual([ID]);
	});

	it('takes nothing over from a half copy that is damaged or of another golden install', async () => {
		const dir = join(instances, ID);
		const [only] = await golden.list();
		await writeFolder(join(instances, `.staging-${ID}`), {
			'.source': only?.manifest.digest ?? '',
			'config/servers.dat': Buffer.alloc(3_000, 9),
			'config/terminal.ini': 'half'
		});
		await provisioner().install(dir, ACCOUNT, silent);
		expect((await readFile(join(dir, 'config', 'servers.dat')))[0]).toBe(7);
		await writeFolder(join(instances, `.staging-${OTHER}`), { '.source': 'another', 'foreign.dll': 'x' });
		await provisioner().install(join(instances, OTHER), ACCOUNT, silent);
		expect(await readdir(join(instances, OTHER))).not.toContain('foreign.dll');
	});

	it('of an account that left takes its half copy with it, and no other', async () => {
		for (const id of [ID, OTHER]) await writeFolder(join(instances, `.staging-${id}`), { 'a.txt': 'x' });
		await provisioner().install(join(instances, OTHER), ACCOUNT, silent);
		await diskFiles().remove(join(instances, ID));
		await diskFiles().remove(join(instances, OTHER));
		expect(await readdir(instances)).toEqual([]);
	});
});

describe('no clone is made', () => {
	const refused = (
		changes: Partial<ProvisionerDependencies> = {},
		account = ACCOUNT,
		dir = join(instances, ID)
	) => refusalOf(provisioner(changes).install(dir, account, silent));

	it('without a golden install for the broker', async () => {
		expect(await refused({}, { broker: 'Unheard', server: 'X' })).toBe('no_golden');
	});

	it('without room on the disk, before the first byte is copied', async () => {
		expect(await refused({ freeBytes: async () => GIB })).toBe('disk_full');
		expect(await readdir(instances)).toEqual([]);
	});

	it('beyond the capacity of this machine', async () => {
		await provisioner().install(join(instances, OTHER), ACCOUNT, silent);
		expect(await refused({ capacity: 1 })).toBe('no_slot');
		expect(await refused({ capacity: 2 })).toBeNull();
	});

	it('into a path with a blank, or one too long for the terminal’s own folders', async () => {
		expect(await refused({}, ACCOUNT, join(instances, 'a b', ID))).toBe('path_unfit');
		expect(await refused({}, ACCOUNT, join(instances, 'x'.repeat(140), ID))).toBe('path_unfit');
	});

	it('over a terminal or an account that somebody else put there', async () => {
		await writeFolder(join(instances, ID), { 'terminal64.exe': 'own' });
		expect(await refused()).toBe('instance_foreign');
		expect(await readFile(join(instances, ID, 'terminal64.exe'), 'utf8')).toBe('own');
		await writeFolder(join(instances, OTHER), { 'config/accounts.dat': 'own' });
		expect(await refused({}, ACCOUNT, join(instances, OTHER))).toBe('instance_foreign');
	});

	it('from a golden install that is not what it was', async () => {
		const [only] = await golden.list();
		await appendFile(join(only?.tree ?? '', 'terminal64.exe'), 'x');
		expect(await refused()).toBe('golden_damaged');
		await rm(join(only?.tree ?? '', 'terminal64.exe'));
		expect(await refused()).toBe('golden_damaged');
		expect(await readInstallMark(join(instances, ID))).toBeNull();
	});
});

describe('the product’s MQL5 files', () => {
	/** As MetaEditor: an .ex5 and a log in UTF-16, exit code 1 for success. */
	const editor =
		(compiled: string[], result = 'Result: 0 errors, 0 warnings', exitCode = 1): RunProgram =>
		async (_program, args) => {
			const source = /^\/compile:"(.+)"$/.exec(args[1] ?? '')?.[1] ?? '';
			compiled.push(source);
			await writeFile(source.replace('.mq5', '.log'), encodeUtf16(`x : information\r\n${result}\r\n`));
			if (result.includes(' 0 errors')) await writeFile(source.replace('.mq5', '.ex5'), 'compiled');
			return exitCode;
		};
	const withMql5 = async (run: RunProgram) => {
		const source = join(root, 'mql5');
		await writeFolder(source, {
			'Experts/Quintet/QuintetBridge.mq5': '// bridge',
			'Include/Quintet/Message.mqh': '// message',
			'shim/main.cpp': 'not for the terminal'
		});
		return { source, cache: join(root, 'cache'), run };
	};
	const bridge = (id: string) => join(instances, id, 'MQL5', 'Experts', 'Quintet', 'QuintetBridge.ex5');

	it('are copied and compiled, once for all terminals of a build', async () => {
		const compiled: string[] = [];
		const mql5 = await withMql5(editor(compiled));
		const { install } = provisioner({ mql5 });
		await install(join(instances, ID), ACCOUNT, silent);
		await install(join(instances, OTHER), ACCOUNT, silent);
		await install(join(instances, OTHER), ACCOUNT, silent);
		expect(compiled).toEqual([bridge(ID).replace('.ex5', '.mq5')]);
		expect(await readFile(bridge(OTHER), 'utf8')).toBe('compiled');
		expect(await readdir(join(instances, ID, 'MQL5'))).not.toContain('shim');
	});

	it('are compiled anew when the agent brings other ones, or when somebody removed the program', async () => {
		const compiled: string[] = [];
		const mql5 = await withMql5(editor(compiled));
		const { install } = provisioner({ mql5 });
		const dir = join(instances, ID);
		await install(dir, ACCOUNT, silent);
		await appendFile(join(mql5.source, 'Include', 'Quintet', 'Message.mqh'), '// newer');
		await install(dir, ACCOUNT, silent);
		expect(compiled).toHaveLength(2);
		await rm(bridge(ID));
		await install(dir, ACCOUNT, silent);
		expect(await readFile(bridge(ID), 'utf8')).toBe('compiled');
	});

	it('that do not compile are no bridge, whatever the exit code says', async () => {
		for (const exitCode of [0, 1]) {
			const mql5 = await withMql5(editor([], 'Result: 3 errors, 0 warnings', exitCode));
			const work = provisioner({ mql5 }).install(join(instances, ID), ACCOUNT, silent);
			expect(await refusalOf(work)).toBe('bridge_not_compiled');
		}
		expect((await readInstallMark(join(instances, ID)))?.mql5Digest).toBeNull();
	});

	it('are no bridge when MetaEditor is not there', async () => {
		const mql5 = await withMql5(async () => {
			throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
		});
		expect(await refusalOf(provisioner({ mql5 }).install(join(instances, ID), ACCOUNT, silent))).toBe(
			'bridge_not_compiled'
		);
	});

	it('need no MetaEditor when the package brings them compiled', async () => {
		const compiled: string[] = [];
		const mql5 = await withMql5(editor(compiled));
		await writeFolder(mql5.source, { 'Experts/Quintet/QuintetBridge.ex5': 'shipped' });
		await provisioner({ mql5 }).install(join(instances, ID), ACCOUNT, silent);
		expect(compiled).toEqual([]);
		expect(await readFile(bridge(ID), 'utf8')).toBe('shipped');
	});
});

describe('the mark of an install', () => {
	it('counts only when it is whole', async () => {
		await writeFolder(join(instances, ID), { [INSTALL_MARK]: '{"golden":"ic-markets"' });
		expect(await readInstallMark(join(instances, ID))).toBeNull();
	});
});
