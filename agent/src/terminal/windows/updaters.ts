/** Which of LiveUpdate's copies hang. Pure. */
import { win32 } from 'node:path';
import { type WindowsProcess } from '../../windows/kernel32.ts';
import { isUpdaterCopy, normalPath } from './programPath.ts';

/** An update takes a minute or two. One that hangs holds its folder, which cannot be emptied then, so that nothing starts. */
export const STUCK_AFTER_MS = 10 * 60_000;

/** From 1601, where Windows' clock begins, to 1970, in ms. */
const EPOCH_MS = 11_644_473_600_000;

/** @param createdAt in 100 ns, as text */
export const createdAtMs = (createdAt: string): number => Number(BigInt(createdAt) / 10_000n) - EPOCH_MS;

/**
 * Of this Windows user alone, and old enough.
 * @param appData that user's
 */
export function stuckUpdaters(
	running: readonly WindowsProcess[],
	{ appData, nowMs, afterMs = STUCK_AFTER_MS }: { appData: string; nowMs: number; afterMs?: number }
): WindowsProcess[] {
	const below = `${normalPath(win32.join(appData, 'MetaQuotes'))}\\`;
	return running.filter(
		({ path, createdAt }) =>
			isUpdaterCopy(path) && normalPath(path).startsWith(below) && nowMs - createdAtMs(createdAt) >= afterMs
	);
}
