import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PRODUCT_VERSION } from './productVersion.ts';

it('the version of server and agent is that of the tree which both are made from', () => {
	const tree = join(import.meta.dirname, '..', '..', '..');
	const { version } = JSON.parse(readFileSync(join(tree, 'package.json'), 'utf8')) as { version: string };
	expect(PRODUCT_VERSION).toBe(version);
});
