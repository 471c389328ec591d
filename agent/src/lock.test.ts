import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockStateDir } from './lock.ts';

describe('lockStateDir', () => {
	let dir: string;
	beforeEach(() => {
		dir = mkdtempSync(join(tmpdir(), 'quintet-lock-'));
	});
	afterEach(() => rmSync(dir, { recursive: true }));

	it('A8: is held by one process at a time, and free again after it', () => {
		const path = join(dir, 'lock.db');
		const held = lockStateDir(path);
		expect(held).not.toBeNull();
		const program = `import { lockStateDir } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))};
			process.exit(lockStateDir(${JSON.stringify(path)}) === null ? 0 : 1);`;
		const other = spawnSync(process.execPath, ['--input-type=module', '-e', program]);
		expect(other.status).toBe(0);
		held?.release();
		const again = lockStateDir(path);
		expect(again).not.toBeNull();
		again?.release();
	});
});
