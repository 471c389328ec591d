/**
 * `agent package`: what an operator unpacks on a Windows server, made on Linux. Nothing has to be installed there:
 * node.exe is the one that the OpenJS Foundation signed, the agent is one file, koffi is one file. The same tree
 * gives the same archive, byte for byte.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AGENT_VERSION } from '../src/version.ts';
import { bundleAgent } from './bundle.ts';
import { fetchKoffi, fetchNodeExe, NODE_EXE } from './windowsParts.ts';
import { zip, type ZipEntry } from './zip.ts';

const TREE = join(import.meta.dirname, '..', '..');
/** Fetched parts, kept for the next time. */
const PARTS = join(TREE, 'node_modules', '.cache', 'quintet-windows');
export const FOLDER = 'quintet-agent-win-x64';
const MQL5_FILES = ['Experts/**/*.{mq5,mqh}', 'Include/**/*.mqh', 'Scripts/**/*.mq5'];

export interface PackageSources {
	/** Where fetched parts are kept. */
	parts: string;
	say: (line: string) => void;
}

/** Every file of the package, sorted by path; `manifest.json` names the others with their digests. */
export async function packageFiles({ parts, say }: PackageSources): Promise<ZipEntry[]> {
	const nodeExe = join(parts, `node-${NODE_EXE.version}.exe`);
	const koffi = join(parts, 'koffi-win32-x64');
	await fetchNodeExe(nodeExe, say);
	await fetchKoffi(koffi, say);
	say('Bundling the agent…');
	const files: ZipEntry[] = [
		{ path: 'agent.mjs', content: Buffer.from(await bundleAgent()) },
		{ path: 'node.exe', content: await readFile(nodeExe) },
		{ path: 'koffi.node', content: await readFile(join(koffi, 'win32_x64', 'koffi.node')) },
		{ path: 'LICENSE.txt', content: await readFile(join(TREE, 'LICENSE')) },
		...(await windowsScripts()),
		...(await mql5Files())
	];
	files.sort((a, b) => (a.path < b.path ? -1 : 1));
	const manifest = {
		version: AGENT_VERSION,
		node: NODE_EXE.version,
		files: Object.fromEntries(
			files.map(({ path, content }) => [path, createHash('sha256').update(content).digest('hex')])
		)
	};
	const text = `${JSON.stringify(manifest, null, '\t')}\n`;
	return [...files, { path: 'manifest.json', content: Buffer.from(text) }];
}

/** Windows' own programs want Windows' own line ends. */
async function windowsScripts(): Promise<ZipEntry[]> {
	const names = globSync('*.{ps1,cmd}', { cwd: join(import.meta.dirname, 'windows') });
	return Promise.all(
		names.map(async (path) => {
			const text = await readFile(join(import.meta.dirname, 'windows', path), 'utf8');
			return { path, content: Buffer.from(text.replace(/\r?\n/g, '\r\n')) };
		})
	);
}

async function mql5Files(): Promise<ZipEntry[]> {
	const folder = join(TREE, 'agent', 'mql5');
	const paths = globSync(MQL5_FILES, { cwd: folder });
	return Promise.all(
		paths.map(async (path) => ({ path: `mql5/${path}`, content: await readFile(join(folder, path)) }))
	);
}

/** @param target where the archive goes */
export async function packageAgent(target: string, say: (line: string) => void): Promise<void> {
	const files = await packageFiles({ parts: PARTS, say });
	say(`Packing ${files.length} files…`);
	const archive = await zip(files.map(({ path, content }) => ({ path: `${FOLDER}/${path}`, content })));
	await mkdir(dirname(target), { recursive: true });
	await writeFile(`${target}.tmp`, archive);
	await rename(`${target}.tmp`, target);
	const digest = createHash('sha256').update(archive).digest('hex');
	say(`${target}: ${Math.round(archive.length / 1024 ** 2)} MB, sha256 ${digest}`);
}
