/** Directories as lists of files with their digests, and their copies. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** Forward slashes, below the root; no part of it leads out again. */
const relativePath = z
	.string()
	.min(1)
	.max(400)
	.refine(
		(path) => path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
		'not below'
	)
	.refine((path) => !/[\\:\0]/.test(path), 'not a plain path');

export const treeFileSchema = z.object({
	path: relativePath,
	bytes: z.int().min(0),
	sha256: z.string().regex(/^[0-9a-f]{64}$/)
});
export type TreeFile = z.infer<typeof treeFileSchema>;

export const pathIn = (root: string, path: string): string => join(root, ...path.split('/'));

/** Paths of all files below, sorted. Links are refused: what they point to could change under us. */
export async function listFiles(root: string, below = ''): Promise<string[]> {
	const paths: string[] = [];
	for (const entry of await readdir(pathIn(root, below), { withFileTypes: true })) {
		const path = below === '' ? entry.name : `${below}/${entry.name}`;
		if (entry.isDirectory()) paths.push(...(await listFiles(root, path)));
		else if (entry.isFile()) paths.push(path);
		else throw new Error(`${join(root, path)} is neither a file nor a directory`);
	}
	return paths.sort();
}

export async function sha256Of(path: string): Promise<string> {
	const hash = createHash('sha256');
	for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
	return hash.digest('hex');
}

/** One digest for the whole list. */
export function digestOf(files: readonly TreeFile[]): string {
	const hash = createHash('sha256');
	for (const { path, bytes, sha256 } of files) hash.update(`${path}\0${bytes}\0${sha256}\n`);
	return hash.digest('hex');
}

/** Digests of the files at these paths, in their order. @param onBytes hears how many more bytes were read */
export async function digestFiles(
	root: string,
	paths: readonly string[],
	onBytes: (bytes: number) => void = () => {}
): Promise<TreeFile[]> {
	const files: TreeFile[] = [];
	for (const path of paths) {
		const { size: bytes } = await stat(pathIn(root, path));
		files.push({ path, bytes, sha256: await sha256Of(pathIn(root, path)) });
		onBytes(bytes);
	}
	return files;
}

/** A file whose content is not what its list says. */
export class DigestMismatch extends Error {
	readonly path: string;
	constructor(path: string) {
		super(`${path} is not what it was`);
		this.path = path;
	}
}

/**
 * Copies one file, checking it against its digest on the way and syncing it to the disk. A copy that is there
 * already, and right, stays.
 * @throws DigestMismatch when the source is not what the list says
 */
export async function copyChecked(from: string, to: string, file: TreeFile): Promise<void> {
	const target = pathIn(to, file.path);
	const present = await stat(target).catch(() => null);
	if (present?.size === file.bytes && (await sha256Of(target)) === file.sha256) return;
	await mkdir(dirname(target), { recursive: true });
	const hash = createHash('sha256');
	const copy = await open(target, 'w');
	try {
		for await (const piece of createReadStream(pathIn(from, file.path))) {
			hash.update(piece as Buffer);
			await copy.writeFile(piece as Buffer);
		}
		await copy.sync();
	} finally {
		await copy.close();
	}
	if (hash.digest('hex') !== file.sha256) throw new DigestMismatch(file.path);
}
