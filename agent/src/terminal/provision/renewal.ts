/**
 * Brings an instance directory onto the golden install of today. The new one is made beside it while its terminal
 * runs, and put in its place by two renames while it does not; the one before stays beside it until the new one is
 * proven, and comes back when it is not. What is the account's own goes along; the program is the golden install's.
 */
import { copyFile, mkdir, rename, rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type InstallProgress } from '../ports.ts';
import {
	besideOf,
	checkInstancePath,
	copyGolden,
	moveIntoPlace,
	restoreBefore,
	withPatience
} from './clone.ts';
import { outdatedExperts } from './experts.ts';
import { listFiles, pathIn } from './fileTree.ts';
import { type Golden, type GoldenStore } from './goldenStore.ts';
import { readInstallMark } from './installMark.ts';
import { InstallRefused } from './installRefused.ts';
import { mql5DigestOf } from './mql5Files.ts';

/** `bridge`: only MQL5 files are older, the agent's own or the traders' EAs; a restart of the terminal puts them in. */
export type RenewalNeed = 'install' | 'bridge';

export interface Renewal {
	/** Name of the golden install that the directory is a copy of; null when it is none. */
	copyOf(instanceDir: string): Promise<string | null>;
	/** What of the directory is not as of today; null when all is. @throws InstallRefused when it cannot be renewed */
	need(instanceDir: string): Promise<RenewalNeed | null>;
	/** Copies the golden install beside it; the terminal may run meanwhile. May be repeated: goes on where it was. */
	stage(instanceDir: string, progress: InstallProgress): Promise<void>;
	/** Puts the copy in its place. Only while no terminal runs. On any error the directory is as it was. */
	swap(instanceDir: string): Promise<void>;
	/** The one before comes back. Only while no terminal runs. */
	goBack(instanceDir: string): Promise<void>;
	/** The new one is proven: the one before, and whatever else was left beside, is removed. */
	settle(instanceDir: string): Promise<void>;
}

export interface RenewalDependencies {
	golden: GoldenStore;
	/** The product's MQL5 files; null when there are none. */
	mql5Source: string | null;
	/** Where the traders' own EAs lie; left out: there are none. */
	experts?: string;
	wallMs: () => number;
	/** Bytes free where the instances lie; for tests to replace. */
	freeBytes?: (path: string) => Promise<number>;
}

/** The account's own, whatever the golden install has there. */
const OWN =
	/^(config\/(accounts\.dat|common\.ini)$|mql5\/(files|profiles|logs)\/|profiles\/|bases\/|logs\/)/i;
/** Of the program before, or ours and put in anew. Everything else that the golden install lacks goes along. */
const NOT_KEPT = [
	/^[^/]+\.(exe|dll)$/i,
	/^quintet-install\.json(\.tmp)?$/i,
	/^(start|launch)\.ini(\.tmp)?$/i,
	/^mql5\/(experts|include|scripts)\/quintet\//i
];
/** What a terminal has grown by, and what it may grow by until the one before is removed. */
const ROOM = 1024 ** 3;

export function createRenewal(deps: RenewalDependencies): Renewal {
	const freeBytes = deps.freeBytes ?? freeBytesOf;

	async function goldenOf(instanceDir: string): Promise<Golden> {
		const mark = await readInstallMark(instanceDir);
		if (!mark) throw new InstallRefused('instance_foreign', instanceDir);
		const golden = (await deps.golden.list()).find(({ slug }) => slug === mark.golden);
		if (!golden) throw new InstallRefused('no_golden', mark.golden);
		return golden;
	}

	return {
		copyOf: async (instanceDir) => (await readInstallMark(instanceDir))?.golden ?? null,

		async need(instanceDir) {
			const { manifest } = await goldenOf(instanceDir);
			const mark = await readInstallMark(instanceDir);
			if (mark?.goldenDigest !== manifest.digest) return 'install';
			const { mql5Source, experts } = deps;
			if (mql5Source !== null && mark.mql5Digest !== (await mql5DigestOf(mql5Source))) return 'bridge';
			const isOlder = experts !== undefined && (await outdatedExperts(instanceDir, experts)).length > 0;
			return isOlder ? 'bridge' : null;
		},

		async stage(instanceDir, { onStage, signal }) {
			const golden = await goldenOf(instanceDir);
			checkInstancePath(instanceDir, golden);
			const needed = golden.manifest.bytes + ROOM;
			const free = await freeBytes(dirname(instanceDir));
			if (free < needed) throw new InstallRefused('disk_full', `${free} bytes free, ${needed} needed`);
			let shown = -1;
			await copyGolden(golden, besideOf(instanceDir).renewed, {
				now: new Date(deps.wallMs()),
				signal,
				onProgress(part) {
					const percent = Math.floor(part * 10) * 10;
					if (percent === shown) return;
					shown = percent;
					onStage(`copying the new build, ${percent} %`);
				}
			});
		},

		async swap(instanceDir) {
			const { renewed, before } = besideOf(instanceDir);
			// Else half a copy could take the place of a terminal.
			if (!(await readInstallMark(renewed)))
				throw new InstallRefused('golden_damaged', 'the copy is not whole');
			await carryOver(instanceDir, renewed);
			await rm(before, { recursive: true, force: true, maxRetries: 10 });
			await withPatience(() => rename(instanceDir, before));
			try {
				await moveIntoPlace(renewed, instanceDir);
			} catch (error) {
				await restoreBefore(instanceDir);
				throw error;
			}
		},

		async goBack(instanceDir) {
			const { before, failed } = besideOf(instanceDir);
			if (!(await readInstallMark(before)))
				throw new Error(`there is nothing to go back to for ${instanceDir}`);
			await rm(failed, { recursive: true, force: true, maxRetries: 10 });
			await withPatience(() => rename(instanceDir, failed));
			await restoreBefore(instanceDir);
			await rm(failed, { recursive: true, force: true, maxRetries: 10 });
		},

		async settle(instanceDir) {
			for (const dir of Object.values(besideOf(instanceDir)))
				await rm(dir, { recursive: true, force: true, maxRetries: 10 });
		}
	};
}

/** What the account has of its own: login, charts, history, the bridge's folder, the trader's own programs. */
async function carryOver(from: string, to: string): Promise<void> {
	// As Windows compares names.
	const present = new Set((await listFiles(to)).map((path) => path.toLowerCase()));
	for (const path of await listFiles(from)) {
		const isKept = OWN.test(path) || !present.has(path.toLowerCase());
		if (!isKept || NOT_KEPT.some((pattern) => pattern.test(path))) continue;
		const target = pathIn(to, path);
		await mkdir(dirname(target), { recursive: true });
		await copyFile(pathIn(from, path), target);
	}
}

async function freeBytesOf(path: string): Promise<number> {
	const { bavail, bsize } = await statfs(path);
	return bavail * bsize;
}
