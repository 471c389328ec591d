/**
 * Starts and ends real terminals, and finds them again: by the path of their program and the time they began,
 * never by their name, which all of them share.
 */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { type TerminalResources } from '#lib/domain/terminalResources.ts';
import {
	describeProcess,
	memoryOfProcess,
	pidsOfProgram,
	terminateProcess,
	type WindowsProcess
} from '../../windows/kernel32.ts';
import { guiHandlesOf } from '../../windows/user32.ts';
import { type Launcher, type ProcessIdentity } from '../ports.ts';
import { checkArguments, terminalEnvironment } from './launchArguments.ts';
import { isTerminalOf, isUpdaterCopy, TERMINAL_PROGRAM, terminalProgram } from './programPath.ts';
import { STUCK_AFTER_MS, stuckUpdaters } from './updaters.ts';

const KILL_POLL_MS = 20;
const KILL_GIVE_UP_MS = 10_000;
const MEGABYTE = 1024 * 1024;

const identityOf = ({ pid, createdAt }: WindowsProcess, instanceDir: string): ProcessIdentity => ({
	pid,
	createdAt,
	instanceDir
});

/** The process with the pid of `identity`, if it is still that one. */
function sameProcess(identity: ProcessIdentity): WindowsProcess | null {
	const found = describeProcess(identity.pid);
	return found && isSame(identity, found) ? found : null;
}

const isSame = (identity: ProcessIdentity, found: WindowsProcess): boolean =>
	found.createdAt === identity.createdAt && isTerminalOf(identity.instanceDir, found.path);

/** LiveUpdate's copies of the terminal that run now, on behalf of whichever terminal. */
export const runningUpdaters = (): WindowsProcess[] =>
	pidsOfProgram(TERMINAL_PROGRAM)
		.map(describeProcess)
		.filter((found) => found !== null)
		.filter(({ path }) => isUpdaterCopy(path));

/**
 * Ends this user's copies of LiveUpdate that hang: they hold the folders that must be emptied before any launch.
 * @returns how many there were
 */
export function endStuckUpdaters(appData: string, nowMs: number, afterMs = STUCK_AFTER_MS): number {
	const stuck = stuckUpdaters(runningUpdaters(), { appData, nowMs, afterMs });
	for (const { pid, createdAt, path } of stuck)
		terminateProcess(pid, (found) => found.createdAt === createdAt && found.path === path);
	return stuck.length;
}

export const windowsLauncher: Launcher = {
	async launch(instanceDir, args) {
		const child = spawn(terminalProgram(instanceDir), checkArguments(args), {
			cwd: instanceDir,
			// Otherwise libuv's job object ends the terminal together with the agent.
			detached: true,
			stdio: 'ignore',
			// Hidden, the terminal would begin with a window that nobody can see over RDP.
			windowsHide: false,
			env: terminalEnvironment(process.env)
		});
		await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
		child.unref();
		const { pid } = child;
		if (pid === undefined) throw new Error('the terminal got no process id');
		const found = describeProcess(pid);
		// A terminal that ended already is an identity that is not alive.
		return found && isTerminalOf(instanceDir, found.path)
			? identityOf(found, instanceDir)
			: { pid, createdAt: 'ended', instanceDir };
	},
	async find(instanceDir) {
		const [oldest] = pidsOfProgram(TERMINAL_PROGRAM)
			.map(describeProcess)
			.filter((found) => found !== null)
			.filter(({ path }) => isTerminalOf(instanceDir, path))
			.sort((a, b) => Number(BigInt(a.createdAt) - BigInt(b.createdAt)));
		return oldest ? identityOf(oldest, instanceDir) : null;
	},
	async isAlive(identity) {
		return sameProcess(identity) !== null;
	},
	async isUpdating() {
		return runningUpdaters().length > 0;
	},
	async kill(identity) {
		for (let waitedMs = 0; sameProcess(identity); waitedMs += KILL_POLL_MS) {
			if (waitedMs >= KILL_GIVE_UP_MS) throw new Error(`process ${identity.pid} does not end`);
			if (waitedMs === 0) terminateProcess(identity.pid, (found) => isSame(identity, found));
			await sleep(KILL_POLL_MS);
		}
	},
	async resources(identity): Promise<TerminalResources | null> {
		if (!sameProcess(identity)) return null;
		const memory = memoryOfProcess(identity.pid);
		const handles = guiHandlesOf(identity.pid);
		if (!memory || !handles) return null;
		return {
			workingSetMb: Math.round(memory.workingSetBytes / MEGABYTE),
			privateMb: Math.round(memory.privateBytes / MEGABYTE),
			...handles
		};
	}
};
