/** What a simulated terminal wrote into its journal. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Of all days; empty where it never ran. @param instanceDir the terminal's directory */
export async function readTerminalJournal(instanceDir: string): Promise<string> {
	const folder = join(instanceDir, 'logs');
	const names = (await readdir(folder).catch(() => [])).sort();
	return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf16le')))).join('');
}

/** How often an EA was loaded. Stages do not tell: one that is over soon is not reported. */
export async function countLoads(instanceDir: string): Promise<number> {
	const journal = await readTerminalJournal(instanceDir);
	return journal.match(/expert .* loaded successfully/g)?.length ?? 0;
}
