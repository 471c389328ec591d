/**
 * What the agent fetched of its traders' uploads: `<state>/uploads/<sha256>`, compiled EAs and their inputs alike. The
 * only owner of that folder. A file is written whole or not at all, and is looked at again whenever it is used.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Schema } from '#lib/domain/expertFileSchema.ts';
import { errorCode, replaceFile } from '../terminal/replaceFile.ts';

export interface ExpertStore {
	/** Null when it is not here, or is not what its name says any more. */
	read(sha256: string): Promise<Buffer | null>;
	/** @throws Error when the content has another digest */
	keep(sha256: string, content: Buffer): Promise<void>;
	/** Removes what is not among these. */
	keepOnly(wanted: ReadonlySet<string>): Promise<void>;
}

export const sha256OfBytes = (content: Uint8Array): string =>
	createHash('sha256').update(content).digest('hex');

export function diskExpertStore(folder: string): ExpertStore {
	const pathOf = (sha256: string): string => join(folder, sha256Schema.parse(sha256));
	return {
		async read(sha256) {
			try {
				const content = await readFile(pathOf(sha256));
				return sha256OfBytes(content) === sha256 ? content : null;
			} catch (error) {
				if (errorCode(error) === 'ENOENT') return null;
				throw error;
			}
		},
		async keep(sha256, content) {
			if (sha256OfBytes(content) !== sha256) throw new Error('a file with another digest than its name');
			await mkdir(folder, { recursive: true });
			await replaceFile(pathOf(sha256), content);
		},
		async keepOnly(wanted) {
			const names = await readdir(folder).catch((error: unknown) => {
				if (errorCode(error) === 'ENOENT') return [];
				throw error;
			});
			for (const name of names) if (!wanted.has(name)) await rm(join(folder, name), { force: true });
		}
	};
}

/** Of an agent that keeps nothing, as in the simulation. */
export const noExpertStore: ExpertStore = {
	read: async () => null,
	keep: async () => {},
	keepOnly: async () => {}
};
