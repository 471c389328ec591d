/**
 * Wine on this machine: a Debian root of its own with Wine 10 and mingw, a fresh Windows prefix, node.exe, koffi and
 * the double of terminal64.exe. Made once, and kept outside the tree (QUINTET_WINE_DIR, else the user's cache).
 */
import { execFile } from 'node:child_process';
import { access, copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { buildShim, WINDOWS } from '../../../agent/mql5/shim/build.ts';
import { fetchKoffi, fetchNodeExe } from '../../../agent/package/windowsParts.ts';

const run = promisify(execFile);
const DEBIAN = 'trixie';
const PACKAGES = 'wine64,wine,g++-mingw-w64-x86-64-posix';
const LARGEST_OUTPUT = 64 * 1024 * 1024;
export const TREE = join(import.meta.dirname, '..', '..', '..');

export interface WineParts {
	/** Of the Debian root. */
	root: string;
	/** Mounted at /parts in it: node.exe, the double, koffi. */
	parts: string;
	/** A prefix nobody has run anything in; runs take a copy. */
	template: string;
}

export const wineDir = (): string =>
	process.env.QUINTET_WINE_DIR ??
	join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'quintet', 'wine');

/** Why Wine cannot be had here; null when it can. */
export async function whyNoWine(): Promise<string | null> {
	if (process.platform !== 'linux' || process.arch !== 'x64') return 'it needs Linux on x64';
	if (process.getuid?.() !== 0) return 'it needs root: chroot and mounts of its own';
	for (const tool of ['unshare', 'nsenter', 'chroot', 'mount'])
		if (!(await isOnPath(tool))) return `${tool} is not installed`;
	try {
		await run('unshare', ['-m', '-p', '-f', 'true']);
	} catch {
		return 'namespaces cannot be made here (a container without the right to mount?)';
	}
	if (await exists(join(wineDir(), 'root'))) return null;
	if (!(await isOnPath('mmdebstrap')))
		return 'mmdebstrap is not installed (Debian: apt-get install mmdebstrap)';
	return null;
}

const isOnPath = (tool: string): Promise<boolean> =>
	run('sh', ['-c', `command -v ${tool}`]).then(
		() => true,
		() => false
	);
const exists = (path: string): Promise<boolean> =>
	access(path).then(
		() => true,
		() => false
	);

/** What has to come over the network. @throws Error with the tool's own words when it cannot be had */
export async function fetchWine(say: (line: string) => void): Promise<void> {
	const dir = wineDir();
	const [root, parts] = [join(dir, 'root'), join(dir, 'parts')];
	await mkdir(parts, { recursive: true });
	if (!(await exists(root))) {
		say(`Making a Debian ${DEBIAN} root with Wine and mingw in ${root}: a minute or two…`);
		await rm(`${root}.new`, { recursive: true, force: true });
		await run('mmdebstrap', ['--variant=minbase', `--include=${PACKAGES}`, DEBIAN, `${root}.new`], {
			maxBuffer: LARGEST_OUTPUT
		});
		await writeFile(join(`${root}.new`, 'etc', 'hosts'), '127.0.0.1 localhost\n');
		await rename(`${root}.new`, root);
	}
	await fetchNodeExe(join(parts, 'node.exe'), say);
	await fetchKoffi(join(parts, 'koffi', 'koffi-win32-x64'), say);
}

export async function prepareWine(say: (line: string) => void): Promise<WineParts> {
	await fetchWine(say);
	const [root, parts] = [join(wineDir(), 'root'), join(wineDir(), 'parts')];
	await compileDouble(root, parts);
	return { root, parts, template: join(root, 'prefix', 'template') };
}

/** The shim with a window around it, and the version that a terminal of that build says of itself. */
async function compileDouble(root: string, parts: string): Promise<void> {
	const double = join(TREE, 'tests', 'windows', 'double');
	const mingw = join(import.meta.dirname, 'mingw.sh');
	process.env.QUINTET_WINE_ROOT = root;
	process.env.QUINTET_TREE = TREE;
	const version = join(TREE, 'node_modules', '.cache', 'quintet-shim', 'version.o');
	await mkdir(dirname(version), { recursive: true });
	await run(mingw, ['x86_64-w64-mingw32-windres', join(double, 'version.rc'), '-O', 'coff', '-o', version]);
	const compiler = join(import.meta.dirname, 'mingwCompiler.sh');
	const linkFlags = [...WINDOWS.linkFlags, '-municode', '-mwindows', '-s', version];
	const program = await buildShim({ ...WINDOWS, compiler, linkFlags }, join(double, 'terminal64.cpp'));
	await copyFile(program, join(parts, 'terminal64.exe'));
}
