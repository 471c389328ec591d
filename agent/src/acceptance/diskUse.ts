/** How much disk a folder takes. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Files that go meanwhile count for nothing. */
export async function bytesBelow(folder: string): Promise<number> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	let bytes = 0;
	for (const entry of entries)
		if (entry.isFile())
			bytes += (await stat(join(entry.parentPath, entry.name)).catch(() => null))?.size ?? 0;
	return bytes;
}
