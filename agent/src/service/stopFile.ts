/**
 * How the service asks the agent to end: Windows has no signals, and the two run in different sessions. The file lies
 * where only the service may write.
 */
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock } from '../clock.ts';

const LOOK_MS = 500;

export async function writeStopFile(path: string): Promise<void> {
	await mkdir(dirname(path), { recursive: true });
	await writeFile(path, '');
}

export const removeStopFile = (path: string): Promise<void> => rm(path, { force: true });

/** Resolves when the file is there. @throws the signal's reason */
export async function stopFileAppears(path: string, clock: Clock, signal: AbortSignal): Promise<void> {
	while (
		!(await stat(path).then(
			() => true,
			() => false
		))
	)
		await clock.sleep(LOOK_MS, signal);
}
