/**
 * What a folder must be to become a golden install: a broker's terminal that was started once, closed cleanly, and
 * knows nobody's account. Each thing that is wrong comes with what to do.
 */
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../replaceFile.ts';
import { decodeText } from '../utf16.ts';
import { pathIn } from './fileTree.ts';
import { readPeVersion } from './peVersion.ts';

export interface GoldenProblem {
	problem: string;
	remedy: string;
}

export interface GoldenCandidate {
	/** From the program's version resource, else from its journal; null when neither says it. */
	build: number | null;
	/** Files of the folder that go into the golden install, without those of an account. */
	files: string[];
	problems: GoldenProblem[];
	warnings: GoldenProblem[];
}

export const TERMINAL_EXE = 'terminal64.exe';
const LEAST_BUILD = 3000;
const LEAST_BYTES = 20 * 1024 * 1024;

/** Paths by which somebody's account comes along; compared without case, as Windows does. */
const OF_AN_ACCOUNT = /^config\/(accounts\.dat|common\.ini)$/i;
/** What a running terminal leaves that no other one needs. */
const LEFT_OUT = [
	/^logs\//i,
	/^mql5\/logs\//i,
	/^tester\/(logs|cache)\//i,
	/^bases\/[^/]+\/trades\//i,
	/^bases\/[^/]+\/(news|mail)\//i,
	/^bases\/[^/]+\/symbols\/selected-/i,
	/^bases\/(alerts|gvariables)\.dat$/i,
	/^mql5\/files\//i,
	/^(start|launch)\.ini(\.tmp)?$/i,
	/^quintet-install\.json$/i
];

/**
 * @param isRunning whether a terminal runs from the folder
 * @param leavesAccountOut takes the folder of a terminal that was logged in, without what it knows of its account
 * @param leastBytes for tests, whose folders are small
 */
export async function checkGoldenFolder(
	folder: string,
	paths: readonly string[],
	{
		isRunning,
		leavesAccountOut,
		leastBytes = LEAST_BYTES
	}: { isRunning: boolean; leavesAccountOut: boolean; leastBytes?: number }
): Promise<GoldenCandidate> {
	const problems: GoldenProblem[] = [];
	const warnings: GoldenProblem[] = [];
	const find = (path: string): string | undefined =>
		paths.find((each) => each.toLowerCase() === path.toLowerCase());
	const missing = (path: string, remedy: string): void => {
		if (!find(path)) problems.push({ problem: `${path} is missing.`, remedy });
	};
	missing(TERMINAL_EXE, 'Give the folder that MetaTrader 5 was installed into.');
	missing(
		'config/servers.dat',
		'Install MetaTrader 5 with the broker’s own installer, start it once, let it list its servers, close it.'
	);
	if (!find('metaeditor64.exe'))
		warnings.push({
			problem: 'metaeditor64.exe is missing, so the bridge cannot be compiled here.',
			remedy: 'Use a complete installation, or an agent package that brings the compiled bridge.'
		});
	const accounts = paths.filter((path) => OF_AN_ACCOUNT.test(path));
	if (accounts.length > 0 && !leavesAccountOut)
		problems.push({
			problem: `${accounts.join(' and ')} would bring somebody’s account into every copy.`,
			remedy: 'Add it with --without-account: then these files, logs and trades are left out.'
		});
	if (isRunning)
		problems.push({
			problem: 'A terminal runs from this folder, so its files may change while they are copied.',
			remedy: 'Close that terminal with its close button, wait until it is gone, and add the folder again.'
		});
	const files = paths.filter(
		(path) => !OF_AN_ACCOUNT.test(path) && !LEFT_OUT.some((pattern) => pattern.test(path))
	);
	const bytes = await sizeOf(folder, files);
	if (bytes < leastBytes)
		problems.push({
			problem: `It holds only ${Math.round(bytes / 1024 / 1024)} MB, which is no complete installation.`,
			remedy: 'Install MetaTrader 5 again, start it once and close it.'
		});
	if (!paths.some((path) => /^mql5\/experts\//i.test(path)))
		warnings.push({
			problem: 'It was never started: the first start of every copy takes minutes.',
			remedy: 'Start it once with terminal64.exe /portable, close it, and add it again.'
		});
	const build = find(TERMINAL_EXE) ? await buildOf(folder, find(TERMINAL_EXE) ?? '') : null;
	if (find(TERMINAL_EXE) && (build === null || build < LEAST_BUILD))
		problems.push({
			problem:
				build === null ? 'Its build cannot be read.' : `Its build ${build} is not one of MetaTrader 5.`,
			remedy: 'Give the folder of MetaTrader 5 for Windows, 64 bit.'
		});
	return { build, files, problems, warnings };
}

async function sizeOf(folder: string, files: readonly string[]): Promise<number> {
	let bytes = 0;
	for (const path of files) bytes += (await stat(pathIn(folder, path))).size;
	return bytes;
}

async function buildOf(folder: string, exe: string): Promise<number | null> {
	return (await readPeVersion(join(folder, exe)))?.build ?? (await buildFromJournal(folder));
}

/** From the newest journal: `Terminal  MetaTrader 5 x64 build 5830 started for …`. */
export async function buildFromJournal(folder: string): Promise<number | null> {
	for (const name of ['logs', 'Logs']) {
		const logs = await readdir(join(folder, name)).catch(() => []);
		for (const log of logs
			.filter((each) => /^\d{8}\.log$/.test(each))
			.sort()
			.reverse()) {
			const text = decodeText(await readFile(join(folder, name, log)));
			const builds = [...text.matchAll(/\bbuild (\d{4,5}) started for\b/g)];
			const build = builds.at(-1)?.[1];
			if (build !== undefined) return Number(build);
		}
	}
	return null;
}

/** Windows and Linux refuse to open a running program for writing; that says so without any process list. */
export async function isProgramRunning(folder: string): Promise<boolean> {
	try {
		await (await open(join(folder, TERMINAL_EXE), 'r+')).close();
		return false;
	} catch (error) {
		return ['EBUSY', 'ETXTBSY'].includes(errorCode(error));
	}
}
