/**
 * How `agent golden renew` asks the running agent, which alone may close its terminals: a file RENEW in the state
 * directory, taken away when it is read, and a file beside it that tells how far it is.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { errorCode, replaceFile } from './terminal/replaceFile.ts';

const requestSchema = z.object({
	requestId: z.uuid(),
	/** Folder name of the golden install. */
	golden: z.string().max(64),
	/** Id or number of the only account that is meant; null: all that are copies of it. */
	account: z.string().max(64).nullable()
});
export type RenewRequest = z.infer<typeof requestSchema>;

const progressSchema = z.object({
	requestId: z.string(),
	isDone: z.boolean(),
	accounts: z.array(
		z.object({
			accountId: z.string(),
			accountNumber: z.string(),
			outcome: z.enum(['waiting', 'working', 'current', 'renewed', 'refused', 'failed']),
			says: z.string()
		})
	)
});
export type RenewProgress = z.infer<typeof progressSchema>;

export interface RenewFiles {
	renew: string;
	renewProgress: string;
}

/** @returns false when another request waits to be read */
export async function requestRenewal({ renew }: RenewFiles, request: RenewRequest): Promise<boolean> {
	try {
		await writeFile(renew, JSON.stringify(request), { mode: 0o600, flag: 'wx' });
		return true;
	} catch (error) {
		if (errorCode(error) === 'EEXIST') return false;
		throw error;
	}
}

/** Reads it and takes it away: an agent that crashes over it does not do it again by itself. Null without one. */
export async function takeRenewal({ renew }: RenewFiles): Promise<RenewRequest | null> {
	const text = await readFile(renew, 'utf8').catch(() => null);
	if (text === null) return null;
	try {
		const request = requestSchema.parse(JSON.parse(text));
		await rm(renew, { force: true });
		return request;
	} catch {
		// Half written, most likely: the next look sees it whole.
		return null;
	}
}

export const tellRenewal = ({ renewProgress }: RenewFiles, progress: RenewProgress): Promise<void> =>
	replaceFile(renewProgress, Buffer.from(JSON.stringify(progress)));

/** Null while nothing was told of this request. */
export async function readRenewal(
	{ renewProgress }: RenewFiles,
	requestId: string
): Promise<RenewProgress | null> {
	try {
		const progress = progressSchema.parse(JSON.parse(await readFile(renewProgress, 'utf8')));
		return progress.requestId === requestId ? progress : null;
	} catch {
		return null;
	}
}
