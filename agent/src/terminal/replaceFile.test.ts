import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replaceFile } from './replaceFile.ts';

describe('A7: replacing a file that a virus scanner holds', () => {
	let dir: string;
	let waits: number[];
	beforeEach(async () => {
		dir = await mkdtemp(join(tmpdir(), 'quintet-replace-'));
		waits = [];
	});
	afterEach(() => rm(dir, { recursive: true, force: true }));

	/** Fails as often as given, then does it. */
	const held = (code: string, times: number) => ({
		rename: async (...args: Parameters<typeof rename>) => {
			if (times-- > 0) throw Object.assign(new Error(code), { code });
			return rename(...args);
		},
		sleep: async (ms: number) => void waits.push(ms)
	});
	const replace = (io: ReturnType<typeof held>) =>
		replaceFile(join(dir, 'file'), Buffer.from('new'), 0o644, io);

	it.each(['EPERM', 'EBUSY', 'EACCES'])('waits 10 to 100 ms and tries again on %s', async (code) => {
		await replace(held(code, 6));
		expect(waits).toEqual([10, 20, 40, 80, 100, 100]);
		expect(await readFile(join(dir, 'file'), 'utf8')).toBe('new');
	});

	it('gives up after a minute, and leaves no half-written file behind', async () => {
		await expect(replace(held('EPERM', Infinity))).rejects.toMatchObject({ code: 'EPERM' });
		const waited = waits.reduce((sum, ms) => sum + ms, 0);
		expect(waited).toBeGreaterThanOrEqual(60_000);
		expect(waited).toBeLessThan(61_000);
		expect(await readdir(dir)).toEqual([]);
	});

	it('does not wait for what waiting does not mend', async () => {
		await expect(replace(held('ENOSPC', 1))).rejects.toMatchObject({ code: 'ENOSPC' });
		expect(waits).toEqual([]);
	});
});
