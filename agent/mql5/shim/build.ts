/**
 * Builds the terminal double: the bridge and the EA template translated to C++, with the shim around them.
 * `node agent/mql5/shim/build.ts [--windows] [--main <file.cpp>] [--out <file>]` prints the program's path; with
 * nothing changed since, it prints it at once. Several builds at the same time do not disturb one another.
 */
import { createHash } from 'node:crypto';
import { spawn, spawnSync } from 'node:child_process';
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync
} from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { translateProgram, type SourceRoots } from './translate.ts';

const shimDir = import.meta.dirname;
const mqlDir = join(shimDir, '..');
const root = join(shimDir, '..', '..', '..');
const roots: SourceRoots = { include: join(mqlDir, 'Include'), base: root };
const CACHE = join(root, 'node_modules', '.cache', 'quintet-shim');
/** The programs that the double can run, as the terminal names them, with their sources. */
const PROGRAMS: ReadonlyArray<readonly [name: string, source: string]> = [
	['Quintet\\QuintetBridge', join(mqlDir, 'Experts', 'Quintet', 'QuintetBridge.mq5')],
	['Quintet\\EATemplate', join(mqlDir, 'Experts', 'Quintet', 'EATemplate.mq5')],
	['Quintet\\TradingEa', join(shimDir, 'programs', 'TradingEa.mq5')]
];

export interface ShimTarget {
	compiler: string;
	flags: readonly string[];
	linkFlags: readonly string[];
	suffix: string;
}

const FLAGS = ['-std=c++17', '-O1', '-Wall', '-Wextra', '-Werror', '-Wno-unused-parameter', `-I${shimDir}`];

export const LINUX: ShimTarget = { compiler: 'g++', flags: FLAGS, linkFlags: [], suffix: '' };
export const WINDOWS: ShimTarget = {
	compiler: 'x86_64-w64-mingw32-g++',
	flags: [...FLAGS, '-DUNICODE', '-D_WIN32_WINNT=0x0601'],
	linkFlags: ['-static'],
	suffix: '.exe'
};

/** Whether this machine can build for the target. */
export function canBuild(target: ShimTarget): boolean {
	return spawnSync(target.compiler, ['--version']).status === 0;
}

function filesBelow(folder: string, ending: RegExp): string[] {
	return readdirSync(folder, { recursive: true, encoding: 'utf8' })
		.filter((name) => ending.test(name))
		.map((name) => join(folder, name))
		.sort();
}

function digestOf(target: ShimTarget, mains: readonly string[]): string {
	const hash = createHash('sha256').update(JSON.stringify([target, relative(root, shimDir)]));
	const sources = [...filesBelow(mqlDir, /\.(mq5|mqh|cpp|h)$/), ...mains, ...filesBelow(shimDir, /\.ts$/)];
	for (const path of sources) hash.update(relative(root, path)).update(readFileSync(path));
	return hash.digest('hex').slice(0, 20);
}

function compile(compiler: string, args: readonly string[]): Promise<void> {
	return new Promise((resolve, reject) => {
		const child = spawn(compiler, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
		child.once('error', reject);
		child.once('exit', (code) =>
			code === 0 ? resolve() : reject(new Error(`${compiler} ended with ${code}: ${args.at(-1)}`))
		);
	});
}

/**
 * Compiles every source, a few at a time. An object is kept under the digest of all that went into it, and put in
 * its place by a rename, so that it is either whole or not there. @returns the objects
 */
async function compileAll(target: ShimTarget, sources: readonly string[], folder: string): Promise<string[]> {
	const headers = createHash('sha256').update(JSON.stringify(target));
	for (const path of filesBelow(shimDir, /\.h$/)) headers.update(readFileSync(path));
	const common = headers.digest('hex');
	const kept = join(CACHE, 'objects');
	mkdirSync(kept, { recursive: true });
	const waiting = sources.map((source, i) => {
		const digest = createHash('sha256').update(common).update(readFileSync(source)).digest('hex');
		return { source, fresh: join(folder, `${i}.o`), object: join(kept, `${digest.slice(0, 32)}.o`) };
	});
	const objects = waiting.map(({ object }) => object);
	const worker = async (): Promise<void> => {
		for (let next = waiting.shift(); next; next = waiting.shift()) {
			if (existsSync(next.object)) continue;
			await compile(target.compiler, [...target.flags, '-c', '-o', next.fresh, next.source]);
			renameSync(next.fresh, next.object);
		}
	};
	await Promise.all(Array.from({ length: availableParallelism() }, worker));
	return objects;
}

/** Every source of the double but its main: those of the shim, and the translated programs, written into `folder`. */
export function writeSources(folder: string): string[] {
	const translated = PROGRAMS.map(([name, source]) => {
		const path = join(folder, `${name.replace('\\', '_')}.cpp`);
		writeFileSync(path, translateProgram(name, source, roots));
		return path;
	});
	return [
		...translated,
		...filesBelow(join(shimDir, 'core'), /\.cpp$/),
		...filesBelow(join(shimDir, 'mql'), /\.cpp$/)
	];
}

/**
 * @param mainSource the file with `main`; the one of Linux when left out
 * @param extraSources compiled beside the core, e.g. a window
 * @returns path of the program
 */
export async function buildShim(
	target: ShimTarget = LINUX,
	mainSource = join(shimDir, 'main_linux.cpp'),
	extraSources: readonly string[] = []
): Promise<string> {
	const digest = digestOf(target, [mainSource, ...extraSources]);
	const program = join(CACHE, digest, `terminal64${target.suffix}`);
	if (existsSync(program)) return program;
	mkdirSync(CACHE, { recursive: true });
	const folder = mkdtempSync(join(CACHE, 'build-'));
	try {
		const objects = await compileAll(target, [...writeSources(folder), mainSource, ...extraSources], folder);
		const linked = join(folder, 'program');
		await compile(target.compiler, [...objects, '-o', linked, ...target.linkFlags]);
		mkdirSync(dirname(program), { recursive: true });
		renameSync(existsSync(linked) ? linked : `${linked}.exe`, program);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
	return program;
}

if (process.argv[1] === import.meta.filename) {
	const { values } = parseArgs({ options: { windows: { type: 'boolean' }, main: { type: 'string' } } });
	console.log(await buildShim(values.windows ? WINDOWS : LINUX, values.main));
}
