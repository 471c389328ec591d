/**
 * From a golden install to an instance directory. The copy is made beside it and renamed into place at the end, so
 * that a half copy is never taken for a terminal; one that was cut short goes on where it was.
 */
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BRIDGE_FOLDER } from '../../bridge/folder.ts';
import { errorCode } from '../replaceFile.ts';
import { copyChecked, DigestMismatch } from './fileTree.ts';
import { TERMINAL_EXE } from './goldenChecks.ts';
import { type Golden } from './goldenStore.ts';
import { InstallRefused } from './installRefused.ts';
import { readInstallMark, writeInstallMark } from './installMark.ts';

const SOURCE_NOTE = '.source';

/** Windows programs stop here; the terminal makes deeper files than the golden install has. */
export const LONGEST_PATH = 259;
const ROOM_FOR_HISTORY = 110;

/** What may lie beside an instance directory while it is made or renewed. No name of one begins with a dot. */
export function besideOf(instanceDir: string) {
	const beside = (prefix: string): string =>
		join(dirname(instanceDir), `.${prefix}-${basename(instanceDir)}`);
	return {
		/** A copy for a directory that has no terminal yet. */
		staging: beside('staging'),
		/** A copy that is to take the place of one that has. */
		renewed: beside('renewed'),
		/** The one whose place it took, until the new one is proven. */
		before: beside('before'),
		/** A new one that was not proven, on its way out. */
		failed: beside('failed')
	};
}

/** @throws InstallRefused when a terminal could not live under this path */
export function checkInstancePath(instanceDir: string, { manifest }: Golden): void {
	if (/\s/.test(instanceDir)) throw new InstallRefused('path_unfit', `${instanceDir} holds a blank`);
	const longest = manifest.files.reduce((most, { path }) => Math.max(most, path.length), ROOM_FOR_HISTORY);
	if (instanceDir.length + 1 + longest > LONGEST_PATH)
		throw new InstallRefused('path_unfit', `${instanceDir} is too long for the terminal’s own folders`);
}

export interface CopyOptions {
	now: Date;
	/** 0 to 1. */
	onProgress: (part: number) => void;
	signal: AbortSignal;
}

/**
 * Copies it, and marks it as installed.
 * @throws InstallRefused when the golden install is not what it was; the file system's error; the signal's reason
 */
export async function cloneGolden(golden: Golden, instanceDir: string, options: CopyOptions): Promise<void> {
	checkInstancePath(instanceDir, golden);
	const { staging } = besideOf(instanceDir);
	await copyGolden(golden, staging, options);
	await moveIntoPlace(staging, instanceDir);
}

/** Into a directory beside; goes on where an earlier copy was cut short. Throws as `cloneGolden`. */
export async function copyGolden(
	golden: Golden,
	staging: string,
	{ now, onProgress, signal }: CopyOptions
): Promise<void> {
	const { manifest, tree, slug } = golden;
	// What an earlier copy left is of use only when it was one of the same golden install.
	const source = await readFile(join(staging, SOURCE_NOTE), 'utf8').catch(() => null);
	if (source !== manifest.digest) await rm(staging, { recursive: true, force: true, maxRetries: 10 });
	await mkdir(staging, { recursive: true });
	await writeFile(join(staging, SOURCE_NOTE), manifest.digest);
	let done = 0;
	for (const file of manifest.files) {
		signal.throwIfAborted();
		await copyChecked(tree, staging, file).catch((error: unknown) => {
			if (error instanceof DigestMismatch || errorCode(error) === 'ENOENT')
				throw new InstallRefused('golden_damaged', `${file.path} of “${manifest.broker}”`);
			throw error;
		});
		onProgress((done += file.bytes) / Math.max(1, manifest.bytes));
	}
	for (const folder of ['req', 'res', 'tpl'])
		await mkdir(join(staging, ...BRIDGE_FOLDER, folder), { recursive: true });
	await rm(join(staging, SOURCE_NOTE));
	const mark = { golden: slug, goldenDigest: manifest.digest, build: manifest.build, mql5Digest: null };
	await writeInstallMark(staging, { ...mark, installedAt: now.toISOString() });
}

const MOVE_TRIES = 100;
const MOVE_PAUSE_MS = 50;
const IN_THE_WAY = new Set(['ENOTEMPTY', 'EEXIST', 'EPERM', 'EBUSY', 'EACCES']);

/** A program that looks into the directory, or a bridge's folder made anew meanwhile, is in the way for a moment. */
export async function withPatience(work: () => Promise<void>): Promise<void> {
	for (let tries = 1; ; tries++) {
		try {
			return await work();
		} catch (error) {
			if (!IN_THE_WAY.has(errorCode(error)) || tries >= MOVE_TRIES) throw error;
			await sleep(MOVE_PAUSE_MS);
		}
	}
}

/** The bridge's folder may be there already, and may be made anew at any time by whoever waits for the bridge. */
export async function moveIntoPlace(staging: string, instanceDir: string): Promise<void> {
	await withPatience(async () => {
		await refuseForeign(instanceDir);
		await rm(instanceDir, { recursive: true, force: true, maxRetries: 10 });
		await rename(staging, instanceDir);
	});
}

/** The terminal whose place was to be taken comes back, when nothing took it. @returns whether it did */
export async function restoreBefore(instanceDir: string): Promise<boolean> {
	const { before } = besideOf(instanceDir);
	if (await readInstallMark(instanceDir)) return false;
	if (!(await readInstallMark(before))) return false;
	await moveIntoPlace(before, instanceDir);
	return true;
}

/** A directory with a terminal or an account in it that we did not put there is not removed by us. */
async function refuseForeign(instanceDir: string): Promise<void> {
	for (const path of [[TERMINAL_EXE], ['config', 'accounts.dat'], ['Config', 'accounts.dat']])
		if (await stat(join(instanceDir, ...path)).catch(() => null))
			throw new InstallRefused('instance_foreign', join(instanceDir, ...path));
}

/** Removes the terminal of an account that left, and whatever lies beside it: saved logins too. */
export async function removeInstance(instanceDir: string): Promise<void> {
	for (const dir of [instanceDir, ...Object.values(besideOf(instanceDir))])
		await rm(dir, { recursive: true, force: true, maxRetries: 10 });
}
