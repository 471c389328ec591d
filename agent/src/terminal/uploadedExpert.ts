/**
 * An uploaded EA in a terminal's directory. Its path holds its digest, so a version never takes the place of another,
 * and it may be put there while the terminal runs.
 */
import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expertPathSchema } from '#lib/domain/accountInput.ts';
import { sha256Of } from './provision/fileTree.ts';
import { errorCode, replaceFile } from './replaceFile.ts';

/** A file as it was found; while its stamp stays the same, it is not read again. */
export interface ExpertFound {
	sha256: string;
	stamp: string;
}

const placeOf = (instanceDir: string, path: string): string =>
	`${join(instanceDir, 'MQL5', 'Experts', ...expertPathSchema.parse(path).split('\\'))}.ex5`;

/** @param path below `MQL5\Experts`, without ending @returns null when there is none */
export async function findExpert(
	instanceDir: string,
	path: string,
	before: ExpertFound | null
): Promise<ExpertFound | null> {
	const place = placeOf(instanceDir, path);
	try {
		const { size, mtimeMs, ino } = await stat(place);
		const stamp = `${ino} ${size} ${mtimeMs}`;
		return before?.stamp === stamp ? before : { sha256: await sha256Of(place), stamp };
	} catch (error) {
		if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return null;
		throw error;
	}
}

export async function putExpert(instanceDir: string, path: string, content: Buffer): Promise<void> {
	const place = placeOf(instanceDir, path);
	await mkdir(dirname(place), { recursive: true });
	await replaceFile(place, content);
}
