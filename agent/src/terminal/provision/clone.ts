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
import { writeInstallMark } from './installMark.ts';

/** No name of an instance directory begins so. */
const STAGING_PREFIX = '.staging-';
const SOURCE_NOTE = '.source';

/** Windows programs stop here; the terminal makes deeper files than the golden install has. */
export const LONGEST_PATH = 259;
const ROOM_FOR_HISTORY = 110;

const stagingOf = (instanceDir: string): string =>
	join(dirname(instanceDir), `${STAGING_PREFIX}${basename(instanceDir)}`);

/** @throws InstallRefused when a terminal could not live under this path */
export function checkInstancePath(instanceDir: string, { manifest }: Golden): void {
	if (/\s/.test(instanceDir)) throw new InstallRefused('path_unfit', `${instanceDir} holds a blank`);
	const longest = manifest.files.reduce((most, { path }) => Math.max(most, path.length), ROOM_FOR_HISTORY);
	if (instanceDir.length + 1 + longest > LONGEST_PATH)
		throw new InstallRefused('path_unfit', `${instanceDir} is too long for the terminal’s own folders`);
}

/**
 * Copies it, and marks it as installed. @param onProgress 0 to 1
 * @throws InstallRefused when the golden install is not what it was; the file system's error; the signal's reason
 */
export async function cloneGolden(
	golden: Golden,
	instanceDir: string,
	{ now, onProgress, signal }: { now: Date; onProgress: (part: number) => void; signal: AbortSignal }
): Promise<void> {
	checkInstancePath(instanceDir, golden);
	const { manifest, tree, slug } = golden;
	const staging = stagingOf(instanceDir);
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
	await moveIntoPlace(staging, instanceDir);
}

const MOVE_TRIES = 100;
const MOVE_PAUSE_MS = 50;
const IN_THE_WAY = new Set(['ENOTEMPTY', 'EEXIST', 'EPERM', 'EBUSY', 'EACCES']);

/** The bridge's folder may be there already, and may be made anew at any time by whoever waits for the bridge. */
async function moveIntoPlace(staging: string, instanceDir: string): Promise<void> {
	for (let tries = 1; ; tries++) {
		await refuseForeign(instanceDir);
		await rm(instanceDir, { recursive: true, force: true, maxRetries: 10 });
		try {
			return await rename(staging, instanceDir);
		} catch (error) {
			if (!IN_THE_WAY.has(errorCode(error)) || tries >= MOVE_TRIES) throw error;
			await sleep(MOVE_PAUSE_MS);
		}
	}
}

/** A directory with a terminal or an account in it that we did not put there is not removed by us. */
async function refuseForeign(instanceDir: string): Promise<void> {
	for (const path of [[TERMINAL_EXE], ['config', 'accounts.dat'], ['Config', 'accounts.dat']])
		if (await stat(join(instanceDir, ...path)).catch(() => null))
			throw new InstallRefused('instance_foreign', join(instanceDir, ...path));
}

/** Removes the terminal of an account that left, and a copy for it that was cut short. */
export async function removeInstance(instanceDir: string): Promise<void> {
	for (const dir of [instanceDir, stagingOf(instanceDir)])
		await rm(dir, { recursive: true, force: true, maxRetries: 10 });
}
