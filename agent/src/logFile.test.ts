import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { logFile } from './logFile.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'quintet-log-'))));
afterEach(() => rm(folder, { recursive: true }));

it('keeps the newest lines in two files of a bounded size, also over a restart', async () => {
	const path = join(folder, 'agent.log');
	for (let start = 0; start < 4; start += 1) {
		const log = logFile(path, 100);
		for (let line = 0; line < 10; line += 1) log.write(`${start}${line} ${'x'.repeat(16)}\n`);
	}
	expect((await stat(path)).size).toBeLessThanOrEqual(100);
	expect((await stat(`${path}.1`)).size).toBeLessThanOrEqual(100);
	expect(await readFile(path, 'utf8')).toMatch(/39 x{16}\n$/);
});

it('does not throw when it cannot write', () => {
	expect(() => logFile(join(folder, 'no', 'such', 'folder')).write('x\n')).not.toThrow();
});
