import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { goldenFolder } from '../../../../tests/support/goldenFolder.ts';
import { expertAdd, expertList, expertRemove } from '../../commands/expert.ts';
import { EXIT } from '../../exitCodes.ts';
import { stateDir, type StateDir } from '../../stateDir.ts';
import { expertFileOf, expertFiles, ExpertUnfit, outdatedExperts } from './experts.ts';
import { pathIn } from './fileTree.ts';
import { GoldenStore } from './goldenStore.ts';
import { createProvisioner } from './provisioner.ts';
import { createRenewal } from './renewal.ts';

const IDS = ['0198f3c1-0000-7000-8000-000000000001', '0198f3c1-0000-7000-8000-000000000002'] as const;
const ACCOUNT = { broker: 'IC Markets', server: 'ICMarketsSC-Demo' };
const silent = { onStage: (): void => {}, signal: new AbortController().signal };

let state: StateDir;
let lines: string[];
const say = (line: string): void => void lines.push(line);
beforeEach(async () => {
	state = stateDir(await mkdtemp(join(tmpdir(), 'quintet-experts-')), {});
	lines = [];
});
afterEach(() => rm(state.root, { recursive: true, force: true }));

async function compiled(name: string, content: string): Promise<string> {
	const path = join(state.root, 'source', name);
	await mkdir(dirname(path), { recursive: true });
	await writeFile(path, content);
	return path;
}

describe('an EA of a trader', () => {
	it('is kept under the name that traders give it, and a newer version takes its place', async () => {
		const file = await compiled('Trend.ex5', 'one');
		expect(await expertAdd(state, file, undefined, say)).toBe(EXIT.ok);
		expect(await expertAdd(state, file, 'Mine\\Trend', say)).toBe(EXIT.ok);
		const first = await expertFiles(state.experts);
		expect(first.map(({ path }) => path)).toEqual(['Mine/Trend.ex5', 'Trend.ex5']);
		await expertAdd(state, await compiled('Trend.ex5', 'two'), 'Mine\\Trend', say);
		const second = await expertFiles(state.experts);
		expect(second).toHaveLength(2);
		expect(second[0]?.sha256).not.toBe(first[0]?.sha256);
	});

	it.each([
		['a source', 'Trend.mq5', 'x', 'Compile it with MetaEditor'],
		['an empty file', 'Trend.ex5', '', 'no EA'],
		['the agent’s own folder', 'Trend.ex5', 'x', 'the agent’s own programs', 'Quintet\\QuintetBridge'],
		['a name that leads out', 'Trend.ex5', 'x', 'below MQL5', '..\\Trend'],
		['a device', 'Trend.ex5', 'x', 'Windows keeps', 'CON']
	])('is not %s', async (_, file, content, word, name?: string) => {
		expect(await expertAdd(state, await compiled(file, content), name, say)).toBe(EXIT.unhealthy);
		expect(lines.join()).toContain(word);
		expect(await expertFiles(state.experts)).toEqual([]);
	});

	it('lies below its folder, whatever its name is, or nowhere (X10)', () => {
		const nasty = fc
			.array(
				fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('..', '\\', '/', 'C:', '\0', 'NUL', 'Ab'))
			)
			.map((parts) => parts.join(''));
		let taken = 0;
		fc.assert(
			fc.property(fc.oneof(nasty, fc.stringMatching(/^[A-Za-z]{1,3}(\\[A-Za-z ]{1,4}){0,2}$/)), (name) => {
				let path: string;
				try {
					path = expertFileOf(name);
				} catch (error) {
					expect(error).toBeInstanceOf(ExpertUnfit);
					return;
				}
				taken += 1;
				expect(relative('/experts', pathIn('/experts', path))).toBe(path);
				expect(path).toMatch(/^[A-Za-z0-9_ -]+(\/[A-Za-z0-9_ -]+)*\.ex5$/);
			}),
			{ numRuns: 500 }
		);
		expect(taken).toBeGreaterThan(50);
	});
});

describe('the terminals of a machine', () => {
	async function twoTerminals() {
		const golden = new GoldenStore(state.golden);
		await golden.add(await goldenFolder(join(state.root, 'golden-source')), {
			broker: 'IC Markets',
			servers: [],
			isDefault: true,
			leavesAccountOut: false,
			now: new Date(),
			leastBytes: 1
		});
		const rest = { experts: state.experts, wallMs: () => 0, freeBytes: async () => 1024 ** 4 };
		const { install } = createProvisioner({ golden, mql5: null, capacity: 5, ...rest });
		const dirs = IDS.map((id) => join(state.instances, id));
		const start = async (dir: string) => install(dir, ACCOUNT, silent);
		for (const dir of dirs) await start(dir);
		return { dirs, start, renewal: createRenewal({ golden, mql5Source: null, ...rest }) };
	}
	const inside = (dir: string) => join(dir, 'MQL5', 'Experts', 'Mine', 'Trend.ex5');

	it('get an EA, and a newer version of it, at their next start, and say until then which they have', async () => {
		const { dirs, start, renewal } = await twoTerminals();
		const [first = '', second = ''] = dirs;
		expect(await renewal.need(first)).toBeNull();
		await expertAdd(state, await compiled('Trend.ex5', 'one'), 'Mine\\Trend', say);
		expect(await renewal.need(first)).toBe('bridge');
		await start(first);
		expect(await readFile(inside(first), 'utf8')).toBe('one');
		expect(await renewal.need(first)).toBeNull();
		lines = [];
		expect(await expertList(state, say)).toBe(EXIT.ok);
		expect(lines).toEqual([
			expect.stringMatching(/^Mine\\Trend {2}version [0-9a-f]{12} {2}1 KB$/),
			`      ${IDS[1]}: not yet; gets it at its next start`,
			'      in 1 of 2 terminals'
		]);
		await start(second);
		await expertAdd(state, await compiled('Trend.ex5', 'two'), 'Mine\\Trend', say);
		lines = [];
		await expertList(state, say);
		expect(lines.filter((line) => line.includes('another version'))).toHaveLength(2);
		for (const dir of dirs) await start(dir);
		for (const dir of dirs) expect(await outdatedExperts(dir, state.experts)).toEqual([]);
		expect(await readFile(inside(second), 'utf8')).toBe('two');
	});

	it('keep an EA that was removed, and what a trader put in beside it', async () => {
		const { dirs, start } = await twoTerminals();
		const [first = ''] = dirs;
		await expertAdd(state, await compiled('Trend.ex5', 'one'), 'Mine\\Trend', say);
		await start(first);
		await writeFile(join(dirname(inside(first)), 'Other.ex5'), 'by hand');
		expect(await expertRemove(state, 'Mine\\Trend', say)).toBe(EXIT.ok);
		expect(await expertRemove(state, 'Mine\\Trend', say)).toBe(EXIT.unhealthy);
		await start(first);
		expect((await readdir(dirname(inside(first)))).sort()).toEqual(['Other.ex5', 'Trend.ex5']);
	});

	it('that were cut off while an EA was copied get it whole', async () => {
		const { dirs, start } = await twoTerminals();
		const [first = ''] = dirs;
		await expertAdd(state, await compiled('Trend.ex5', 'whole'), 'Mine\\Trend', say);
		await mkdir(dirname(inside(first)), { recursive: true });
		await writeFile(inside(first), 'who');
		await start(first);
		expect(await readFile(inside(first), 'utf8')).toBe('whole');
	});
});
