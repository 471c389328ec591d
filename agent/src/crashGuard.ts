/**
 * Counts the starts of the agent that did not end in order. Five within ten minutes, and the next one runs in
 * safe mode: whatever kills the agent is probably what it starts, and Stop must stay possible.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { replaceFile } from './terminal/replaceFile.ts';

export const CRASHES_ALLOWED = 5;
export const CRASH_WINDOW_MS = 600_000;

/** Wall times of starts whose orderly end was not noted, ms since 1970. */
const startsSchema = z.array(z.number());

async function readStarts(path: string): Promise<number[]> {
	try {
		return startsSchema.parse(JSON.parse(await readFile(path, 'utf8')));
	} catch {
		// The first start, or a torn file: then nothing is known of crashes.
		return [];
	}
}

export interface CrashGuard {
	/** So many starts before this one crashed within the window. */
	readonly crashes: number;
	readonly isSafeMode: boolean;
	/** This start ends in order. */
	ended(): Promise<void>;
}

/** Notes a start. What cannot be written down (full disk) is not counted, and keeps nothing from running. */
export async function guardStart(path: string, nowMs: number): Promise<CrashGuard> {
	const earlier = (await readStarts(path)).filter((at) => at <= nowMs && nowMs - at < CRASH_WINDOW_MS);
	const write = (starts: number[]) =>
		replaceFile(path, Buffer.from(JSON.stringify(starts))).catch(() => undefined);
	await write([...earlier, nowMs]);
	return {
		crashes: earlier.length,
		isSafeMode: earlier.length >= CRASHES_ALLOWED,
		ended: () => write(earlier)
	};
}
