/**
 * The traders' own EAs on this machine: `<state>/experts/Sub/MyEA.ex5`, put there by the operator. Every terminal gets
 * all of them below `MQL5\Experts` before it starts; which one is loaded, an account's settings say. A version is its
 * digest. Only whole files are ever seen here.
 */
import { copyFile, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expertPathSchema } from '#lib/domain/accountInput.ts';
import { errorCode, replaceFile } from '../replaceFile.ts';
import { digestFiles, listFiles, pathIn, sha256Of, type TreeFile } from './fileTree.ts';

const LARGEST_BYTES = 50 * 1024 ** 2;
/** Our own: the agent puts them in by itself. */
const OURS = /^quintet\\/i;

/** Why a file does not become an EA of this machine. Names no more than the operator typed. */
export class ExpertUnfit extends Error {}

/** @param name below `MQL5\Experts`, without ending, as traders write it on their accounts @throws ExpertUnfit */
export function expertFileOf(name: string): string {
	const checked = expertPathSchema.safeParse(name);
	if (!checked.success)
		throw new ExpertUnfit(checked.error.issues[0]?.message ?? 'That is no name of an EA.');
	if (OURS.test(name)) throw new ExpertUnfit('The folder Quintet is that of the agent’s own programs.');
	return `${checked.data.replaceAll('\\', '/')}.ex5`;
}

/** As traders write it. */
export const expertNameOf = ({ path }: TreeFile): string => path.replace(/\.ex5$/i, '').replaceAll('/', '\\');

/** What there is; nothing before the first one. */
export async function expertFiles(expertsDir: string): Promise<TreeFile[]> {
	const paths = await listFiles(expertsDir).catch((error: unknown) => {
		if (errorCode(error) === 'ENOENT') return [];
		throw error;
	});
	return digestFiles(
		expertsDir,
		paths.filter((path) => path.endsWith('.ex5'))
	);
}

/** Takes a copy; one of that name is replaced. @throws ExpertUnfit @returns it */
export async function addExpert(expertsDir: string, file: string, name: string): Promise<TreeFile> {
	if (!/\.ex5$/i.test(file))
		throw new ExpertUnfit(`${file} is no compiled EA. Compile it with MetaEditor, and give the .ex5.`);
	const path = expertFileOf(name);
	const found = await stat(file).catch(() => null);
	if (!found?.isFile()) throw new ExpertUnfit(`${file} is not there.`);
	if (found.size === 0 || found.size > LARGEST_BYTES)
		throw new ExpertUnfit(`${file} has ${found.size} bytes, which is no EA.`);
	const target = pathIn(expertsDir, path);
	await mkdir(dirname(target), { recursive: true });
	await replaceFile(target, await readFile(file));
	const [added] = await digestFiles(expertsDir, [path]);
	if (!added) throw new Error(`${path} went while it was added`);
	return added;
}

/** Terminals that have it keep it. @throws ExpertUnfit @returns false when there is none of that name */
export async function removeExpert(expertsDir: string, name: string): Promise<boolean> {
	const path = pathIn(expertsDir, expertFileOf(name));
	const found = await stat(path).catch(() => null);
	await rm(path, { force: true });
	return found !== null;
}

const placeOf = (instanceDir: string, { path }: TreeFile): string =>
	pathIn(join(instanceDir, 'MQL5', 'Experts'), path);

/** What the terminal in this directory has: `same`, another version, or none. */
export async function expertIn(instanceDir: string, expert: TreeFile): Promise<'same' | 'other' | 'missing'> {
	const place = placeOf(instanceDir, expert);
	const found = await stat(place).catch(() => null);
	if (!found?.isFile()) return 'missing';
	return found.size === expert.bytes && (await sha256Of(place)) === expert.sha256 ? 'same' : 'other';
}

/** Those that the terminal does not have as they are here. */
export async function outdatedExperts(instanceDir: string, expertsDir: string): Promise<TreeFile[]> {
	const outdated: TreeFile[] = [];
	for (const expert of await expertFiles(expertsDir))
		if ((await expertIn(instanceDir, expert)) !== 'same') outdated.push(expert);
	return outdated;
}

/** Only while no terminal runs from the directory: a running one may hold the file. */
export async function installExperts(instanceDir: string, expertsDir: string): Promise<void> {
	for (const expert of await outdatedExperts(instanceDir, expertsDir)) {
		const place = placeOf(instanceDir, expert);
		await mkdir(dirname(place), { recursive: true });
		await copyFile(pathIn(expertsDir, expert.path), place);
	}
}
