/**
 * Keeps terminals on their build. LiveUpdate cannot be switched off; it downloads into folders of the Windows user,
 * shared by all terminals, and a staged update is carried out at the next start: then an updater runs in place of
 * the terminal. So these folders are closed to writing and emptied before every launch, and that is read back: a
 * launch without it is refused. Found on build 6036; `agent acceptance` proves it again per build.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../replaceFile.ts';
import { InstallRefused } from './installRefused.ts';

/** Access control of Windows, for the user that runs the terminals. */
export interface WriteGuard {
	/** Adds an inheritable refusal of writing; fine when there is one. */
	denyWrite(path: string): Promise<void>;
	/** Reads it back. */
	isWriteDenied(path: string): Promise<boolean>;
}

/** The folders that LiveUpdate writes to: `%APPDATA%\MetaQuotes\WebInstall` and every `Terminal\*\liveupdate`. */
export async function liveUpdateFolders(appData: string): Promise<string[]> {
	const root = join(appData, 'MetaQuotes');
	const terminals = await readdir(join(root, 'Terminal'), { withFileTypes: true }).catch((error: unknown) => {
		if (errorCode(error) === 'ENOENT') return [];
		throw error;
	});
	return [
		join(root, 'WebInstall'),
		...terminals
			.filter((entry) => entry.isDirectory())
			.map(({ name }) => join(root, 'Terminal', name, 'liveupdate'))
	];
}

/** @throws InstallRefused when a folder cannot be closed or emptied */
export async function containLiveUpdate(appData: string, guard: WriteGuard): Promise<void> {
	for (const folder of await liveUpdateFolders(appData)) {
		try {
			await mkdir(folder, { recursive: true });
			if (!(await guard.isWriteDenied(folder))) await guard.denyWrite(folder);
			if (!(await guard.isWriteDenied(folder))) throw new InstallRefused('live_update_open', folder);
			// Closed first, so that nothing comes in behind the emptying. To remove is not to write.
			for (const name of await readdir(folder))
				await rm(join(folder, name), { recursive: true, force: true, maxRetries: 10 });
		} catch (error) {
			if (error instanceof InstallRefused) throw error;
			throw new InstallRefused('live_update_open', `${folder}: ${errorCode(error) || String(error)}`);
		}
	}
}

/** Folders that are not closed, without changing anything: for the doctor. */
export async function openLiveUpdateFolders(appData: string, guard: WriteGuard): Promise<string[]> {
	const open: string[] = [];
	for (const folder of await liveUpdateFolders(appData))
		if (!(await guard.isWriteDenied(folder).catch(() => false))) open.push(folder);
	return open;
}
