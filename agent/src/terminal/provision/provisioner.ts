/**
 * Puts terminals into instance directories: from the golden install of the account's broker, with our MQL5 files,
 * one copy at a time, since the disk is the bottleneck. Owns nothing once a call has ended; a call may be repeated
 * at any time and goes on where the last one stopped. Every refusal is an InstallRefused.
 */
import { mkdir, readdir, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type InstallProgress } from '../ports.ts';
import { cloneGolden, checkInstancePath, restoreBefore } from './clone.ts';
import { installExperts } from './experts.ts';
import { type GoldenStore } from './goldenStore.ts';
import { InstallRefused } from './installRefused.ts';
import { readInstallMark } from './installMark.ts';
import { installMql5, type Mql5Options } from './mql5Files.ts';

export interface InstallFor {
	broker: string;
	server: string;
}

export interface ProvisionerDependencies {
	golden: GoldenStore;
	/** Null: the terminals get no MQL5 files of ours. */
	mql5: Mql5Options | null;
	/** Where the traders' own EAs lie; left out: there are none. */
	experts?: string;
	/** Instance directories that there may be. */
	capacity: number;
	wallMs: () => number;
	/** Bytes free where the instances lie; for tests to replace. */
	freeBytes?: (path: string) => Promise<number>;
}

export interface Provisioner {
	/**
	 * A terminal lies in the directory when this returns; quick when it did before. Only while none runs from it.
	 * @throws InstallRefused; the signal's reason
	 */
	install(instanceDir: string, account: InstallFor, progress: InstallProgress): Promise<void>;
}

/** A terminal grows after its first start: logs, history, ticks. */
const ROOM_TO_GROW = 1024 ** 3;
const INSTANCE_NAME = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

export function createProvisioner(deps: ProvisionerDependencies): Provisioner {
	const freeBytes = deps.freeBytes ?? freeBytesOf;
	const copying = oneAtATime();
	const compiling = oneAtATime();

	async function clone(instanceDir: string, account: InstallFor, { onStage, signal }: InstallProgress) {
		const golden = await deps.golden.find(account);
		if (!golden) throw new InstallRefused('no_golden', `${account.broker}, ${account.server}`);
		checkInstancePath(instanceDir, golden);
		const instancesDir = dirname(instanceDir);
		await mkdir(instancesDir, { recursive: true });
		await checkSlot(instanceDir, instancesDir, deps.capacity);
		const needed = golden.manifest.bytes + ROOM_TO_GROW;
		const free = await freeBytes(instancesDir);
		if (free < needed)
			throw new InstallRefused('disk_full', `${megabytes(free)} MB free, ${megabytes(needed)} MB needed`);
		let shown = -1;
		await cloneGolden(golden, instanceDir, {
			now: new Date(deps.wallMs()),
			signal,
			onProgress(part) {
				const percent = Math.floor(part * 100);
				if (percent === shown) return;
				shown = percent;
				onStage(`copying the terminal, ${percent} %`);
			}
		});
	}

	return {
		async install(instanceDir, account, progress) {
			const { onStage, signal } = progress;
			// A renewal that was cut off between its two renames left the terminal beside.
			await restoreBefore(instanceDir);
			if (!(await readInstallMark(instanceDir))) {
				onStage('waiting to copy the terminal');
				// Looked at once more when it is its turn: a call before this one may have done it.
				await copying(async () => {
					signal.throwIfAborted();
					if (!(await readInstallMark(instanceDir))) await clone(instanceDir, account, progress);
				});
			}
			const { mql5, experts } = deps;
			if (mql5) {
				onStage('looking at the bridge’s files');
				await compiling(() => installMql5(instanceDir, mql5));
			}
			if (experts !== undefined) await installExperts(instanceDir, experts);
		}
	};
}

function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
	let last: Promise<unknown> = Promise.resolve();
	return (work) => {
		const turn = last.then(work, work);
		last = turn.catch(() => {});
		return turn;
	};
}

const megabytes = (bytes: number): number => Math.floor(bytes / 1024 ** 2);

async function freeBytesOf(path: string): Promise<number> {
	const { bavail, bsize } = await statfs(path);
	return bavail * bsize;
}

/** Only whole installs count: the directory of an account that waits for its terminal holds none. */
async function checkSlot(instanceDir: string, instancesDir: string, capacity: number): Promise<void> {
	let taken = 0;
	for (const name of await readdir(instancesDir)) {
		const dir = join(instancesDir, name);
		if (INSTANCE_NAME.test(name) && dir !== instanceDir && (await readInstallMark(dir))) taken += 1;
	}
	if (taken >= capacity)
		throw new InstallRefused('no_slot', `${taken} terminals are installed, ${capacity} may be`);
}
