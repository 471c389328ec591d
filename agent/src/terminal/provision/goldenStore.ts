/**
 * The golden installs of this machine, one per broker: `<state>/golden/<slug>/tree/` with `manifest.json` beside
 * it. Added by the operator, changed by nobody: the terminals are copies of them. Whoever has the manifest can
 * tell whether the tree is still what was added.
 */
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode, replaceFile } from '../replaceFile.ts';
import { copyChecked, digestFiles, digestOf, listFiles, treeFileSchema } from './fileTree.ts';
import { checkGoldenFolder, isProgramRunning, type GoldenProblem } from './goldenChecks.ts';

const singleLine = z.string().regex(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]{1,64}$/);
/** A server's name as in the terminal; `*` at the end stands for the rest. */
export const serverPatternSchema = singleLine;
export const goldenNameSchema = singleLine.refine(
	(name) => name === name.trim(),
	'The broker’s name begins or ends with a blank.'
);

const manifestSchema = z.object({
	broker: goldenNameSchema,
	servers: z.array(serverPatternSchema).max(50),
	/** For accounts of brokers without a golden install of their own. */
	isDefault: z.boolean(),
	build: z.int().min(1),
	addedAt: z.iso.datetime(),
	digest: z.string(),
	bytes: z.int().min(0),
	files: z.array(treeFileSchema).max(20_000)
});
export type GoldenManifest = z.infer<typeof manifestSchema>;

export interface Golden {
	slug: string;
	/** Where the files lie. */
	tree: string;
	manifest: GoldenManifest;
}

/** What `add` says when the folder is not fit. */
export class GoldenUnfit extends Error {
	readonly problems: readonly GoldenProblem[];
	constructor(problems: readonly GoldenProblem[]) {
		super(problems.map(({ problem, remedy }) => `${problem} ${remedy}`).join('\n'));
		this.problems = problems;
	}
}

export interface AddOptions {
	broker: string;
	servers: readonly string[];
	isDefault: boolean;
	leavesAccountOut: boolean;
	now: Date;
	/** 0 to 1. */
	onProgress?: (part: number) => void;
	leastBytes?: number;
}

/** A folder's name made of a broker's: nothing that anybody typed gets into a path otherwise. */
export function slugOf(broker: string): string {
	const slug = broker
		.normalize('NFKD')
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, '-')
		.replace(/^-+|-+$/g, '')
		.slice(0, 40)
		.replace(/-+$/, '');
	// Names that Windows keeps for devices, and names of nothing but other scripts.
	if (slug === '' || /^(con|prn|aux|nul|com\d|lpt\d)$/.test(slug)) return `broker-${hexOf(broker)}`;
	return slug;
}

const hexOf = (text: string): string => Buffer.from(text, 'utf8').toString('hex').slice(0, 32);

export class GoldenStore {
	readonly #root: string;

	constructor(root: string) {
		this.#root = root;
	}

	/** Checks the folder and takes a copy of it. @throws GoldenUnfit @returns it, with what the operator should know */
	async add(folder: string, options: AddOptions): Promise<{ golden: Golden; warnings: GoldenProblem[] }> {
		const broker = goldenNameSchema.parse(options.broker);
		const paths = await listFiles(folder).catch((error: unknown) => {
			if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR') throw error;
			throw new GoldenUnfit([
				{
					problem: `${folder} is no folder.`,
					remedy: 'Give the folder that MetaTrader 5 was installed into.'
				}
			]);
		});
		const isRunning = await isProgramRunning(folder);
		const { leavesAccountOut, leastBytes } = options;
		const limits = leastBytes === undefined ? {} : { leastBytes };
		const checked = await checkGoldenFolder(folder, paths, { isRunning, leavesAccountOut, ...limits });
		const { problems, warnings, build } = checked;
		const slug = slugOf(broker);
		const taken = (await this.list()).find((golden) => golden.slug === slug);
		if (taken)
			problems.push({
				problem: `There is a golden install for “${taken.manifest.broker}” already.`,
				remedy: 'Remove that one first (the terminals made from it go on), or give another --broker.'
			});
		if (problems.length > 0 || build === null) throw new GoldenUnfit(problems);
		const files = await digestFiles(folder, checked.files);
		const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
		const staging = join(this.#root, `.staging-${slug}`);
		await rm(staging, { recursive: true, force: true });
		const tree = join(staging, 'tree');
		let done = 0;
		for (const file of files) {
			await copyChecked(folder, tree, file);
			options.onProgress?.((done += file.bytes) / Math.max(1, bytes));
		}
		const manifest = manifestSchema.parse({
			broker,
			servers: options.servers,
			isDefault: options.isDefault,
			build,
			addedAt: options.now.toISOString(),
			digest: digestOf(files),
			bytes,
			files
		});
		await replaceFile(join(staging, 'manifest.json'), Buffer.from(`${JSON.stringify(manifest)}\n`));
		await rename(staging, join(this.#root, slug));
		return { golden: { slug, tree: join(this.#root, slug, 'tree'), manifest }, warnings };
	}

	/** Those that can be read; a damaged one is left out here, and `verify` tells of it. */
	async list(): Promise<Golden[]> {
		const found: Golden[] = [];
		for (const slug of await this.slugs()) {
			const golden = await this.#read(slug);
			if (golden) found.push(golden);
		}
		return found;
	}

	async slugs(): Promise<string[]> {
		try {
			return (await readdir(this.#root)).filter((name) => /^[a-z0-9-]+$/.test(name)).sort();
		} catch (error) {
			if (errorCode(error) === 'ENOENT') return [];
			throw error;
		}
	}

	/**
	 * What is wrong with it: files that are missing, changed or were not there; empty when it is as it was added.
	 * Reads every byte of it.
	 */
	async verify(slug: string): Promise<string[]> {
		const golden = await this.#read(slug);
		if (!golden) return [`manifest.json of ${slug} is missing or damaged`];
		const { manifest, tree } = golden;
		const present = new Set(await listFiles(tree).catch(() => []));
		const wrong: string[] = [];
		for (const file of manifest.files) {
			if (!present.delete(file.path)) wrong.push(`${file.path} is missing`);
			else if ((await digestFiles(tree, [file.path]))[0]?.sha256 !== file.sha256)
				wrong.push(`${file.path} was changed`);
		}
		for (const path of present) wrong.push(`${path} was not part of it`);
		if (digestOf(manifest.files) !== manifest.digest) wrong.push('the list of files was changed');
		return wrong;
	}

	/** @returns false when there is none of that name */
	async remove(slug: string): Promise<boolean> {
		if (!(await this.slugs()).includes(slug)) return false;
		const gone = join(this.#root, `.removed-${slug}`);
		await rm(gone, { recursive: true, force: true });
		// In one step: one that is half removed must not be taken for a whole one.
		await rename(join(this.#root, slug), gone);
		await rm(gone, { recursive: true, force: true, maxRetries: 10 });
		return true;
	}

	/**
	 * The one to clone for an account: by its server, else by its broker's name, else the default one.
	 * @returns null when none fits
	 */
	async find({ broker, server }: { broker: string; server: string }): Promise<Golden | null> {
		const all = await this.list();
		const byServer = (matches: (pattern: string) => boolean) =>
			all.find(({ manifest }) => manifest.servers.some(matches));
		return (
			byServer((pattern) => pattern === server) ??
			byServer((pattern) => pattern.endsWith('*') && server.startsWith(pattern.slice(0, -1))) ??
			all.find(({ slug }) => slug === slugOf(broker)) ??
			all.find(({ manifest }) => manifest.isDefault) ??
			null
		);
	}

	async makeRoot(): Promise<void> {
		await mkdir(this.#root, { recursive: true });
	}

	async #read(slug: string): Promise<Golden | null> {
		const folder = join(this.#root, slug);
		try {
			const manifest = manifestSchema.parse(
				JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))
			);
			return { slug, tree: join(folder, 'tree'), manifest };
		} catch {
			// Not there, or not what we wrote: no golden install.
			return null;
		}
	}
}
