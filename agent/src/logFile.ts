/** A log file that does not fill the disk: full, it becomes `<path>.1`, and the one before it is gone. */
import { appendFileSync, renameSync, statSync } from 'node:fs';

const LARGEST_BYTES = 20 * 1024 * 1024;

/** For the logger. A line that cannot be written is lost: the agent must not end over its log. */
export function logFile(path: string, largestBytes = LARGEST_BYTES): { write(line: string): void } {
	let size = sizeOf(path);
	return {
		write(line) {
			try {
				if (size > 0 && size + line.length > largestBytes) {
					renameSync(path, `${path}.1`);
					size = 0;
				}
				appendFileSync(path, line, { mode: 0o600 });
				size += Buffer.byteLength(line);
			} catch {
				// The disk is full, or somebody reads the file with a lock on it.
			}
		}
	};
}

function sizeOf(path: string): number {
	try {
		return statSync(path).size;
	} catch {
		return 0;
	}
}
