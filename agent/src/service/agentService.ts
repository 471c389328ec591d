/**
 * The Windows service: it runs as the local system, owns no terminal and no key, and does one thing: it keeps the
 * agent running in the session of the user who is logged on. The agent and its terminals go on without it.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve, win32 } from 'node:path';
import { systemClock } from '../clock.ts';
import { ConfigProblem, readConfig } from '../config.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { type StateDir } from '../stateDir.ts';
import { readStatus } from '../statusFile.ts';
import { currentUserSid, keepFor, keepProgram } from '../windows/acl.ts';
import { checkSid } from '../windows/sddl.ts';
import { nameOfUser, sidOfUser, userOfThisSession } from '../windows/users.ts';
import { commandLine } from './commandLine.ts';
import { registerEventSource, unregisterEventSource, writeEvent } from './eventLog.ts';
import { keepAgent, type KeptProcess } from './keeper.ts';
import {
	createService,
	removeService,
	serve,
	serviceCommandLine,
	serviceState,
	startService,
	stopService
} from './scm.ts';
import { startAsUser } from './session.ts';
import { removeStopFile, writeStopFile } from './stopFile.ts';
import { failedOf, previousOf, updateProgram } from './updateProgram.ts';

export const SERVICE_NAME = 'QuintetAgent';
/** After the first, second and every further time that the service itself fails. */
const RESTART_AFTER_MS = [5_000, 30_000, 60_000];

export interface ServiceOptions {
	/** In whose session the agent runs. */
	userSid: string;
	/** This program: what Node runs. */
	script: string;
}

function onlyOnWindows(): void {
	if (process.platform !== 'win32') throw new ConfigProblem('There are services on Windows only.');
}

const stopFileOf = (script: string): string => join(dirname(script), 'service', 'stop');

/**
 * In whose session the agent is to run: the one who was named, else whoever is logged on to this session, and only
 * where that is nobody, who this process runs as. The terminals' user need not be an administrator: then another
 * one's password was typed to get here, and this process runs as that one.
 */
function chosenUser(named: string | undefined): string {
	const name = named ?? userOfThisSession();
	return checkSid(name === null ? currentUserSid() : sidOfUser(name));
}

/** The folder above is ours alone: then nobody may put another one in the place of what the system runs. */
export function isOwnFolder(above: string, names: readonly string[], ours: readonly string[]): boolean {
	const isRoot = win32.dirname(above) === above;
	return !isRoot && names.every((name) => ours.includes(name.toLowerCase()));
}

function keepFolders(program: string, state: string, sid: string): void {
	const above = dirname(program);
	const ours = [program, state].filter((folder) => dirname(folder) === above);
	// With what an update leaves there (updateProgram.ts).
	const names = ours
		.flatMap((folder) => [folder, previousOf(folder), failedOf(folder)])
		.map((folder) => basename(folder).toLowerCase());
	if (isOwnFolder(above, readdirSync(above), names)) keepProgram(above);
	// What the system runs must not be for users to change.
	keepProgram(program);
	keepFor(state, sid);
}

export interface InstallServiceOptions extends Pick<ServiceOptions, 'script'> {
	/** In whose session the agent runs; undefined: of whoever is logged on here. */
	userName: string | undefined;
}

/** Registers the service and starts it. For administrators. */
export async function installService(
	state: StateDir,
	{ userName, script }: InstallServiceOptions,
	say: (line: string) => void
): Promise<ExitCode> {
	onlyOnWindows();
	await readConfig(state.config);
	if (serviceState(SERVICE_NAME) !== null) {
		say('The service is installed already. To install it anew: “agent service uninstall” first.');
		return EXIT.ok;
	}
	const sid = chosenUser(userName);
	await registerService(state, { userSid: sid, script, node: process.execPath });
	say('The service is installed and started. It starts with Windows from now on.');
	say(
		`It keeps the agent running in the session of ${nameOfUser(sid) ?? sid}. Not the user of the terminals? “agent service uninstall”, then “agent service install --user <name>”.`
	);
	return EXIT.ok;
}

/** Also right after it was removed, while Windows still holds the one before. */
async function registerService(
	state: StateDir,
	{ userSid, script, node }: ServiceOptions & { node: string }
): Promise<void> {
	const program = dirname(script);
	mkdirSync(join(program, 'service'), { recursive: true });
	keepFolders(program, state.root, userSid);
	registerEventSource();
	await createService({
		name: SERVICE_NAME,
		shownName: 'Quintet agent',
		description: 'Keeps the Quintet agent running in the session of the user who is logged on.',
		commandLine: commandLine(node, [
			...[script, 'service', 'run'],
			...['--state-dir', state.root, '--user-sid', userSid]
		]),
		restartAfterMs: RESTART_AFTER_MS
	});
	startService(SERVICE_NAME);
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

/** Of the command line that Windows runs; null when none stands in it. */
export const userSidIn = (line: string): string | null => /--user-sid (S-1-[\d-]+)/.exec(line)?.[1] ?? null;

/**
 * Puts the program that runs this in the place of the one that the service runs; see updateProgram. For administrators.
 * @param folder where the service's program lies
 * @throws ConfigProblem when there is no program to be replaced, or it is the same folder
 */
export async function updateService(
	state: StateDir,
	{ folder, userName, script }: InstallServiceOptions & { folder: string },
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
	// For whom it was installed, if nobody else is named: who updates it may be another administrator.
	const known = userSidIn(serviceCommandLine(SERVICE_NAME) ?? '');
	const userSid = userName === undefined && known !== null ? known : chosenUser(userName);
	const node = join(target, basename(process.execPath));
	const installed = { userSid, node, script: join(target, name) };
	return updateProgram(
		target,
		dirname(script),
		{
			async uninstall() {
				await uninstallService(() => {});
			},
			install: () => registerService(state, installed),
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
