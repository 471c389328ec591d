/**
 * Replacing a file that another program may be reading. On Windows the rename fails for as long as the
 * other side holds the old file open, so it is repeated for a while.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const HELD_BY_OTHER = new Set(['EPERM', 'EBUSY', 'EACCES']);
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 100;
/** A virus scanner may hold a file for long. */
const GIVE_UP_AFTER_MS = 60_000;

/** Code of a file system error such as `ENOENT`; empty for any other error. */
export function errorCode(error: unknown): string {
	return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/**
 * Writes `<path>.tmp` and renames it over `path`.
 * @param mode permission bits of the new file, e.g. 0o600 for one with a password
 * @param io the two calls that a test replaces
 * @throws the file system's error when the old file stays held for a minute; the .tmp is removed then
 */
export async function replaceFile(
	path: string,
	content: Buffer,
	mode = 0o644,
	io: { rename: typeof rename; sleep: (ms: number) => Promise<unknown> } = { rename, sleep }
): Promise<void> {
	const temporary = `${path}.tmp`;
	await writeFile(temporary, content, { mode });
	let pauseMs = FIRST_PAUSE_MS;
	for (let waitedMs = 0; ; waitedMs += pauseMs, pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
		try {
			return await io.rename(temporary, path);
		} catch (error) {
			if (HELD_BY_OTHER.has(errorCode(error)) && waitedMs < GIVE_UP_AFTER_MS) {
				await io.sleep(pauseMs);
				continue;
			}
			await rm(temporary, { force: true });
			throw error;
		}
	}
}

/** The same at once and without patience, for the simulated terminal, whose work is synchronous. */
export function replaceFileSync(path: string, content: Buffer | string): void {
	const temporary = `${path}.tmp`;
	writeFileSync(temporary, content);
	renameSync(temporary, path);
}
