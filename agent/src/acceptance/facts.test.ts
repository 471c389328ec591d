import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FACTS, type FactId } from './facts.ts';

const PAGE = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'acceptance.md'), 'utf8');

describe('docs/acceptance.md', () => {
	const rows = [...PAGE.matchAll(/^\| `([a-z0-9_]+)` +\| .*? +\| (\w+) +\| (.*?) *\|$/gm)];

	it('has one row for each fact that acceptance looks at, in its order', () => {
		expect(rows.map(([, fact]) => fact)).toEqual(Object.keys(FACTS));
	});

	it('says the same of how sure and how harmful each is', () => {
		for (const [, fact, certainty, how = ''] of rows) {
			const known = FACTS[fact as FactId];
			expect([fact, certainty, how.includes('harmless')]).toEqual([fact, known.certainty, known.isHarmless]);
		}
	});
});
