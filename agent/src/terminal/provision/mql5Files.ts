/**
 * The product's own MQL5 files (bridge and EA template) in an instance directory: copied when they are not the ones
 * of this agent, and compiled once per build. Only while the terminal is down.
 */
import { copyFile, mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { replaceFile } from '../replaceFile.ts';
import { digestFiles, digestOf, listFiles, pathIn, type TreeFile } from './fileTree.ts';
import { InstallRefused } from './installRefused.ts';
import { readInstallMark, writeInstallMark } from './installMark.ts';
import { compileMql5, type RunProgram } from './metaEditor.ts';

export interface Mql5Options {
	/** The product's `mql5` folder, laid out as the terminal's own `MQL5`. */
	source: string;
	/** Compiled programs, by build and digest of the sources. */
	cache: string;
	run?: RunProgram;
}

/** What of the product's folder goes into a terminal. */
const BELONGS = /^(Experts|Include|Scripts)\/.+\.(mq5|mqh|ex5)$/;

const ownFiles = async (source: string): Promise<TreeFile[]> =>
	digestFiles(
		source,
		(await listFiles(source)).filter((path) => BELONGS.test(path))
	);

/** What the mark of an install must say, so that it has these files. */
export const mql5DigestOf = async (source: string): Promise<string> => digestOf(await ownFiles(source));

/** @throws InstallRefused when the bridge cannot be compiled */
export async function installMql5(instanceDir: string, options: Mql5Options): Promise<void> {
	const { source, cache, run } = options;
	const mark = await readInstallMark(instanceDir);
	if (!mark) throw new Error(`${instanceDir} is no install`);
	const files = await ownFiles(source);
	const paths = files.map(({ path }) => path);
	const digest = digestOf(files);
	const target = join(instanceDir, 'MQL5');
	const programs = paths
		.filter((path) => path.endsWith('.mq5'))
		.map((path) => path.replace(/\.mq5$/, '.ex5'));
	const areThere = await Promise.all(programs.map((path) => isFile(pathIn(target, path))));
	if (mark.mql5Digest === digest && areThere.every(Boolean)) return;
	for (const { path } of files) await copyTo(pathIn(source, path), pathIn(target, path));
	const kept = join(cache, `${mark.build}-${digest.slice(0, 32)}`);
	for (const program of programs) {
		// The package may bring it compiled.
		if (paths.includes(program)) continue;
		const [cached, wanted] = [pathIn(kept, program), pathIn(target, program)];
		if (await isFile(cached)) {
			await copyTo(cached, wanted);
			continue;
		}
		const { ok, detail } = await compileMql5(instanceDir, wanted.replace(/\.ex5$/, '.mq5'), run);
		if (!ok) throw new InstallRefused('bridge_not_compiled', `${program}: ${detail}`);
		await mkdir(dirname(cached), { recursive: true });
		// Whole or not at all: it is what every other terminal gets.
		await replaceFile(cached, await readFile(wanted));
	}
	await writeInstallMark(instanceDir, { ...mark, mql5Digest: digest });
}

async function isFile(path: string): Promise<boolean> {
	const found = await stat(path).catch(() => null);
	return found !== null && found.isFile() && found.size > 0;
}

async function copyTo(from: string, to: string): Promise<void> {
	await mkdir(dirname(to), { recursive: true });
	await copyFile(from, to);
}
