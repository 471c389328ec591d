import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFolder } from '../../../../tests/support/goldenFolder.ts';
import { InstallRefused } from './installRefused.ts';
import { containLiveUpdate, openLiveUpdateFolders, type WriteGuard } from './liveUpdate.ts';

let appData: string;
beforeEach(async () => {
	appData = await mkdtemp(join(tmpdir(), 'quintet-appdata-'));
	await writeFolder(join(appData, 'MetaQuotes'), {
		'WebInstall/mt5clw64': 'downloaded',
		'Terminal/0123456789ABCDEF/liveupdate/terminal64.exe': 'staged',
		'Terminal/0123456789ABCDEF/origin.txt': 'x',
		'Terminal/FEDCBA9876543210/origin.txt': 'x'
	});
});
afterEach(() => rm(appData, { recursive: true, force: true }));

class Acl implements WriteGuard {
	readonly denied = new Set<string>();
	onDeny: (path: string) => Promise<void> = async (path) => void this.denied.add(path);
	denyWrite(path: string): Promise<void> {
		return this.onDeny(path);
	}
	async isWriteDenied(path: string): Promise<boolean> {
		return this.denied.has(path);
	}
}
const webInstall = () => join(appData, 'MetaQuotes', 'WebInstall');
const staging = (terminal: string) => join(appData, 'MetaQuotes', 'Terminal', terminal, 'liveupdate');

describe('LiveUpdate before a launch', () => {
	it('finds its folders empty and closed, also those of terminals that never updated', async () => {
		const acl = new Acl();
		expect(await openLiveUpdateFolders(appData, acl)).toHaveLength(3);
		await containLiveUpdate(appData, acl);
		expect([...acl.denied].sort()).toEqual(
			[staging('0123456789ABCDEF'), staging('FEDCBA9876543210'), webInstall()].sort()
		);
		expect(await readdir(webInstall())).toEqual([]);
		expect(await readdir(staging('0123456789ABCDEF'))).toEqual([]);
		expect(await readdir(join(appData, 'MetaQuotes', 'Terminal', 'FEDCBA9876543210'))).toContain(
			'origin.txt'
		);
		expect(await openLiveUpdateFolders(appData, acl)).toEqual([]);
	});

	it('is contained on a machine that never had a terminal', async () => {
		await rm(join(appData, 'MetaQuotes'), { recursive: true });
		const acl = new Acl();
		await containLiveUpdate(appData, acl);
		expect([...acl.denied]).toEqual([webInstall()]);
	});

	it.each([
		['is refused', async () => Promise.reject(new Error('access is denied'))],
		['is accepted and does nothing', async () => {}]
	])('refuses the launch when closing a folder %s', async (_, onDeny) => {
		const acl = new Acl();
		acl.onDeny = onDeny;
		await expect(containLiveUpdate(appData, acl)).rejects.toThrow(InstallRefused);
	});

	it('carries nothing out that was staged at the last moment', async () => {
		const acl = new Acl();
		acl.onDeny = async (path) => {
			await writeFile(join(path, 'terminal64.exe'), 'staged just now');
			acl.denied.add(path);
		};
		await containLiveUpdate(appData, acl);
		expect(await readdir(webInstall())).toEqual([]);
	});
});
