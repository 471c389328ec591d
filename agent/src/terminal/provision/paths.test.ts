/** What gets into paths and into MetaEditor's command line here, whatever it is made of. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix, win32 } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_FACTS, readBuildFacts, writeBuildFacts } from './buildFacts.ts';
import { treeFileSchema } from './fileTree.ts';
import { compileMql5 } from './metaEditor.ts';

let root: string;
beforeAll(async () => {
	root = await mkdtemp(join(tmpdir(), 'quintet-paths-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const nasty = fc
	.array(
		fc.oneof(
			fc.string({ unit: 'binary', maxLength: 6 }),
			fc.constantFrom(
				'..',
				'.',
				'/',
				'\\',
				'C:',
				':stream',
				'\0',
				'\n',
				' ',
				'"',
				'%PATH%',
				'&',
				'a',
				'b.mq5'
			)
		),
		{ minLength: 1, maxLength: 6 }
	)
	.map((parts) => parts.join(''));

describe('the path of a file in a manifest', () => {
	it('leads to below its root on either system, or is none (X10)', () => {
		const file = { bytes: 1, sha256: 'a'.repeat(64) };
		let taken = 0;
		fc.assert(
			fc.property(
				fc.oneof(
					nasty,
					fc.array(fc.stringMatching(/^[a-z. ]{1,8}$/)).map((all) => all.join('/'))
				),
				(path) => {
					if (!treeFileSchema.safeParse({ ...file, path }).success) return;
					taken += 1;
					for (const { join: joined, relative, isAbsolute, root: top } of [
						{ ...posix, root: '/srv/golden' },
						{ ...win32, root: 'C:\\Quintet\\golden' }
					]) {
						const inside = relative(top, joined(top, ...path.split('/')));
						expect(isAbsolute(inside) || inside === '' || /^\.\.([\\/]|$)/.test(inside)).toBe(false);
					}
				}
			),
			{ numRuns: 1_000 }
		);
		expect(taken).toBeGreaterThan(50);
	});
});

describe('the file of a build’s facts', () => {
	it('is made of a number and of nothing else (X10)', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.oneof(nasty, fc.double(), fc.integer({ max: 0 }), fc.integer({ min: 100_000 }), fc.constant(null)),
				async (build) => {
					await expect(writeBuildFacts(root, build as number, DEFAULT_FACTS)).rejects.toThrow();
				}
			),
			{ numRuns: 200 }
		);
		expect(await readdir(root)).toEqual([]);
		expect(await writeBuildFacts(root, 5830, DEFAULT_FACTS)).toBe(join(root, '5830.json'));
	});

	it('takes no value that no template and no message could carry (X11)', async () => {
		await fc.assert(
			fc.asyncProperty(fc.anything(), async (odd) => {
				const isNumber = Number.isInteger(odd) && Number(odd) >= 1 && Number(odd) <= 65_535;
				for (const key of ['expertMode', 'toggleCommand'] as const) {
					if (isNumber || odd === undefined) continue;
					if (key === 'expertMode' && odd === 0) continue;
					const facts = { ...DEFAULT_FACTS, [key]: odd as number };
					await expect(writeBuildFacts(root, 5831, facts)).rejects.toThrow();
				}
			}),
			{ numRuns: 200 }
		);
		expect(await readBuildFacts(root, 5831)).toEqual(DEFAULT_FACTS);
	});
});

describe('MetaEditor’s command line', () => {
	it('has the one program in its quotes and nothing behind them, or is not run (X11)', async () => {
		let runs = 0;
		await fc.assert(
			fc.asyncProperty(nasty, async (odd) => {
				const source = join(root, `${odd}.mq5`);
				const { ok } = await compileMql5(root, source, async (program, args) => {
					runs += 1;
					expect(program).toBe(join(root, 'metaeditor64.exe'));
					expect(args).toEqual(['/portable', `/compile:"${source}"`, '/log']);
					expect(source).not.toMatch(/["\s]/);
					return 1;
				});
				expect(ok).toBe(false);
			}),
			{ numRuns: 300 }
		);
		expect(runs).toBeGreaterThan(20);
	});
});
