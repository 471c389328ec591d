/**
 * `quintet-install.json` in an instance directory: a whole terminal was put here, from which golden install, and
 * which MQL5 files of ours it has. Without it a directory is no install, whatever lies in it.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../replaceFile.ts';

export const INSTALL_MARK = 'quintet-install.json';

const markSchema = z.object({
	golden: z.string().max(64),
	goldenDigest: z.string().max(64),
	build: z.int().min(1),
	installedAt: z.iso.datetime(),
	/** Of the MQL5 sources that were compiled here; null before the first time. */
	mql5Digest: z.string().max(64).nullable()
});
export type InstallMark = z.infer<typeof markSchema>;

/** Null when no whole terminal was put here. */
export async function readInstallMark(instanceDir: string): Promise<InstallMark | null> {
	try {
		return markSchema.parse(JSON.parse(await readFile(join(instanceDir, INSTALL_MARK), 'utf8')));
	} catch {
		return null;
	}
}

export async function writeInstallMark(instanceDir: string, mark: InstallMark): Promise<void> {
	const content = `${JSON.stringify(markSchema.parse(mark), null, '\t')}\n`;
	await replaceFile(join(instanceDir, INSTALL_MARK), Buffer.from(content));
}
