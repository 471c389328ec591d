/**
 * The Windows service: it runs as the local system, owns no terminal and no key, and does one thing: it keeps the
 * agent running in the session of the user who is logged on. The agent and its terminals go on without it.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { systemClock } from '../clock.ts';
import { ConfigProblem, readConfig } from '../config.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { type StateDir } from '../stateDir.ts';
import { readStatus } from '../statusFile.ts';
import { keepFor, keepProgram } from '../windows/acl.ts';
import { checkSid } from '../windows/sddl.ts';
import { commandLine } from './commandLine.ts';
import { registerEventSource, unregisterEventSource, writeEvent } from './eventLog.ts';
import { keepAgent, type KeptProcess } from './keeper.ts';
import { createService, removeService, serve, serviceState, startService, stopService } from './scm.ts';
import { startAsUser } from './session.ts';
import { removeStopFile, writeStopFile } from './stopFile.ts';
import { updateProgram } from './updateProgram.ts';

export const SERVICE_NAME = 'QuintetAgent';
/** After the first, second and every further time that the service itself fails. */
const RESTART_AFTER_MS = [5_000, 30_000, 60_000];

export interface ServiceOptions {
	/** In whose session the agent runs. */
	userSid: string;
	/** What Node runs. */
	script: string;
	/** Node; without it the one that runs this. */
	node?: string;
}

function onlyOnWindows(): void {
	if (process.platform !== 'win32') throw new ConfigProblem('There are services on Windows only.');
}

const stopFileOf = (script: string): string => join(dirname(script), 'service', 'stop');

/** Registers the service and starts it. For administrators. */
export async function installService(
	state: StateDir,
	{ userSid, script, node = process.execPath }: ServiceOptions,
	say: (line: string) => void
): Promise<ExitCode> {
	onlyOnWindows();
	await readConfig(state.config);
	if (serviceState(SERVICE_NAME) !== null) {
		say('The service is installed already. To install it anew: “agent service uninstall” first.');
		return EXIT.ok;
	}
	const sid = checkSid(userSid);
	const program = dirname(script);
	mkdirSync(join(program, 'service'), { recursive: true });
	// What the system runs must not be for users to change.
	keepProgram(program);
	keepFor(state.root, sid);
	registerEventSource();
	await createService({
		name: SERVICE_NAME,
		shownName: 'Quintet agent',
		description: 'Keeps the Quintet agent running in the session of the user who is logged on.',
		commandLine: commandLine(node, [
			...[script, 'service', 'run'],
			...['--state-dir', state.root, '--user-sid', sid]
		]),
		restartAfterMs: RESTART_AFTER_MS
	});
	startService(SERVICE_NAME);
	say('The service is installed and started. It starts with Windows from now on.');
	return EXIT.ok;
}

/** Stops the service with its agent and removes it; terminals, keys and journal stay. For administrators. */
export async function uninstallService(say: (line: string) => void): Promise<ExitCode> {
	onlyOnWindows();
	if (serviceState(SERVICE_NAME) === null) {
		say('There is no such service.');
		return EXIT.ok;
	}
	await stopService(SERVICE_NAME);
	removeService(SERVICE_NAME);
	unregisterEventSource();
	say('The service is removed. Terminals that run go on; “agent stop-all” stops their EAs.');
	return EXIT.ok;
}

/**
 * Puts the program that runs this in the place of the one that the service runs; see updateProgram. For administrators.
 * @param folder where the service's program lies
 * @throws ConfigProblem when there is no program to be replaced, or it is the same folder
 */
export async function updateService(
	state: StateDir,
	{ folder, userSid, script }: { folder: string; userSid: string; script: string },
	say: (line: string) => void,
	signal: AbortSignal
): Promise<ExitCode> {
	onlyOnWindows();
	await readConfig(state.config);
	const target = resolve(folder);
	const name = basename(script);
	if (resolve(dirname(script)) === target)
		throw new ConfigProblem(
			`This is the program in ${target}. Unpack the new version elsewhere, and run “service update” from there.`
		);
	if (!existsSync(join(target, name)))
		throw new ConfigProblem(`There is no ${name} in ${target}: nothing to update. Run install.ps1 instead.`);
	const installed = { userSid, script: join(target, name), node: join(target, basename(process.execPath)) };
	const quiet = (): void => {};
	return updateProgram(
		target,
		dirname(script),
		{
			async uninstall() {
				await uninstallService(quiet);
			},
			async install() {
				await installService(state, installed, quiet);
			},
			status: () => readStatus(state.status),
			clock: systemClock,
			say
		},
		signal
	);
}

export function serviceStatus(say: (line: string) => void): ExitCode {
	onlyOnWindows();
	const state = serviceState(SERVICE_NAME);
	say(state === null ? 'There is no such service.' : `The service is ${state}.`);
	return state === 'running' ? EXIT.ok : EXIT.unhealthy;
}

/** What Windows starts. */
export async function runService(state: StateDir, { userSid, script }: ServiceOptions): Promise<ExitCode> {
	onlyOnWindows();
	const sid = checkSid(userSid);
	const stopFile = stopFileOf(script);
	const start = async (): Promise<KeptProcess | null> => {
		await removeStopFile(stopFile);
		const args = [
			...[script, 'run', '--state-dir', state.root],
			...['--stop-file', stopFile, '--log-file', join(state.root, 'agent.log')]
		];
		const program = { program: process.execPath, args, folder: dirname(script) };
		return startAsUser(sid, program, () => writeStopFile(stopFile));
	};
	await serve(SERVICE_NAME, async (signal) => {
		await keepAgent({ start, report: writeEvent, clock: systemClock, random: Math.random }, signal);
		return EXIT.ok;
	});
	return EXIT.ok;
}
