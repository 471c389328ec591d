/**
 * The kill switch that needs no server: a file STOP_ALL in the state directory. Whoever runs the terminals
 * sees it, stops every EA, and answers in a file beside it.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { type HaltAnswer } from './supervisor/pool.ts';

const answerSchema = z.object({
	requestId: z.string(),
	accounts: z.array(z.object({ accountId: z.string(), isProven: z.boolean(), isKept: z.boolean() }))
});
export type StopAllAnswer = z.infer<typeof answerSchema>;

/** @returns the request's id (its content, which may be anything a person typed); null when there is none */
export async function readStopAll(path: string): Promise<string | null> {
	try {
		return (await readFile(path, 'utf8')).trim().slice(0, 100);
	} catch {
		return null;
	}
}

export const requestStopAll = (path: string, requestId: string): Promise<void> =>
	writeFile(path, `${requestId}\n`, { mode: 0o600 });

/**
 * The answer first, then the request away: a crash in between only stops everything once more. A request stays until
 * the stop is written down, so that it stands for the next agent too.
 */
export async function answerStopAll(
	files: { stopAll: string; stopAllAnswer: string },
	requestId: string,
	accounts: HaltAnswer[]
): Promise<void> {
	const answer: StopAllAnswer = { requestId, accounts };
	await writeFile(`${files.stopAllAnswer}.tmp`, JSON.stringify(answer));
	await rename(`${files.stopAllAnswer}.tmp`, files.stopAllAnswer);
	if (accounts.every(({ isKept }) => isKept)) await rm(files.stopAll, { force: true });
}

export async function readStopAllAnswer(path: string, requestId: string): Promise<StopAllAnswer | null> {
	try {
		const answer = answerSchema.parse(JSON.parse(await readFile(path, 'utf8')));
		return answer.requestId === requestId ? answer : null;
	} catch {
		return null;
	}
}
