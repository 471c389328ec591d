import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { NODE_EXE } from './windowsParts.ts';

it('the package brings the version of Node that the tests run on', async () => {
	const text = await readFile(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8');
	expect(JSON.parse(text).devDependencies.node).toBe(NODE_EXE.version);
});
