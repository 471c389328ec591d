/**
 * One agent per state directory. The lock is SQLite's own on a file: the operating system takes it away with
 * its process, however that ended, so nothing stale can remain.
 */
import { DatabaseSync } from 'node:sqlite';

export interface StateLock {
	release(): void;
}

/**
 * @param waitMs how long to try, since `status` and `doctor` hold it for a moment
 * @returns null when another process holds it
 */
export function lockStateDir(path: string, waitMs = 0): StateLock | null {
	const db = new DatabaseSync(path, { timeout: waitMs });
	try {
		db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
	} catch (error) {
		db.close();
		const isBusy = error instanceof Error && 'errcode' in error && error.errcode === 5;
		if (isBusy) return null;
		throw error;
	}
	return { release: () => db.close() };
}
