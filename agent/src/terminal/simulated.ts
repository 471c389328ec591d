/**
 * The simulated kind of terminal: a Node program in place of terminal64.exe, started and watched in the same
 * way. Its processes outlive the agent, and are found again by the path of their program.
 */
import { spawn } from 'node:child_process';
import { copyFile, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { PUMP_FILE, postVerb, WINDOW_FOLDER } from '../../simulator/windowVerbs.ts';
import { openFileChannel } from '../bridge/channel.ts';
import { BRIDGE_FOLDER } from '../bridge/folder.ts';
import { diskFiles } from './instanceFiles.ts';
import { type Launcher, type ProcessIdentity, type TerminalKind, type TerminalWindow } from './ports.ts';
import { processTable, type ProcessTable } from './processTable.ts';
import { replaceFile } from './replaceFile.ts';

export interface SimulatedTerminalOptions {
	/** Where the simulated brokers keep their books; the folder beside the instances when left out. */
	brokerDir?: string;
	/** Between two statuses of the bridge; a second when left out. */
	statusMs?: number;
	/** Between two looks into the bridge's folder. */
	pollMs?: number;
	/** Another program to put in place of terminal64.exe, e.g. the MQL5 shim; the Node simulator when left out. */
	executable?: string;
}

/** A window that has taken no message for so long hangs (IsHungAppWindow's own limit). */
const HUNG_AFTER_MS = 5_000;
const KILL_POLL_MS = 20;
const KILL_GIVE_UP_MS = 10_000;
// A terminal needs little memory, and there may be fifty of them.
const NODE_FLAGS = [
	'--max-old-space-size=48',
	'--max-semi-space-size=1',
	'--disable-warning=ExperimentalWarning'
];

/** Node keeps the stripped and compiled program here: with it a terminal needs half the memory. */
const COMPILE_CACHE = join(import.meta.dirname, '..', '..', '..', 'node_modules', '.cache', 'quintet-sim');

function launcher(
	options: SimulatedTerminalOptions,
	programPath: (instanceDir: string) => string,
	table: ProcessTable
): Launcher {
	const commandOf = (instanceDir: string): [string, string[]] => {
		const program = programPath(instanceDir);
		return options.executable === undefined ? [process.execPath, [...NODE_FLAGS, program]] : [program, []];
	};
	const identify = async (instanceDir: string, pid: number): Promise<ProcessIdentity | null> => {
		const entry = await table.entry(pid);
		return entry?.commandLine.includes(programPath(instanceDir))
			? { pid, createdAt: entry.createdAt, instanceDir }
			: null;
	};
	const isAlive = async (process: ProcessIdentity): Promise<boolean> =>
		(await identify(process.instanceDir, process.pid))?.createdAt === process.createdAt;

	return {
		async launch(instanceDir, args) {
			const [program, leading] = commandOf(instanceDir);
			const child = spawn(program, [...leading, ...args], {
				cwd: instanceDir,
				detached: true,
				stdio: 'ignore',
				windowsHide: true,
				env: environmentOf(options)
			});
			await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
			child.unref();
			const { pid } = child;
			if (pid === undefined) throw new Error('the terminal got no process id');
			// A terminal that ended already is an identity that is not alive.
			return (await identify(instanceDir, pid)) ?? { pid, createdAt: 'ended', instanceDir };
		},
		async find(instanceDir) {
			const entry = await table.findByCommandLine(programPath(instanceDir));
			return entry && { pid: entry.pid, createdAt: entry.createdAt, instanceDir };
		},
		isAlive,
		isUpdating: async () => false,
		async kill(identity) {
			for (let waitedMs = 0; await isAlive(identity); waitedMs += KILL_POLL_MS) {
				if (waitedMs >= KILL_GIVE_UP_MS) throw new Error(`process ${identity.pid} does not end`);
				if (waitedMs === 0) endProcess(identity.pid);
				await sleep(KILL_POLL_MS);
			}
		},
		resources: async () => null
	};
}

/** What a terminal gets of the agent's environment: nothing that could be a secret. */
const PASSED_ON = /^(PATH|HOME|TMPDIR|TEMP|TMP|SystemRoot|TZ|QUINTET_SIM_\w+)$/i;

function environmentOf({ brokerDir, statusMs }: SimulatedTerminalOptions): NodeJS.ProcessEnv {
	return {
		...Object.fromEntries(Object.entries(process.env).filter(([name]) => PASSED_ON.test(name))),
		NODE_COMPILE_CACHE: COMPILE_CACHE,
		...(brokerDir === undefined ? {} : { QUINTET_SIM_BROKER_DIR: brokerDir }),
		...(statusMs === undefined ? {} : { QUINTET_SIM_STATUS_MS: statusMs.toString() })
	};
}

function endProcess(pid: number): void {
	try {
		process.kill(pid, 'SIGKILL');
	} catch (error) {
		// It ended by itself just now.
		if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
	}
}

/** What the window shows of itself; null when there is no window of this process. */
async function readPump({
	instanceDir,
	pid
}: ProcessIdentity): Promise<{ ageMs: number; dialogs: string[] } | null> {
	const path = join(instanceDir, WINDOW_FOLDER, PUMP_FILE);
	try {
		const [{ mtimeMs }, content] = await Promise.all([stat(path), readFile(path, 'utf8')]);
		const shown: { pid?: unknown; dialogs?: unknown } = JSON.parse(content);
		// The sign of life of an earlier process says nothing about this one.
		if (shown.pid !== pid) return null;
		return {
			ageMs: Date.now() - mtimeMs,
			dialogs: Array.isArray(shown.dialogs) ? shown.dialogs.map(String) : []
		};
	} catch {
		// No window yet, or no longer: a process that starts or ends does not hang.
		return null;
	}
}

const window: TerminalWindow = {
	toggleAlgoTrading: ({ instanceDir }) => postVerb(instanceDir, { verb: 'toggle_algo' }),
	requestClose: ({ instanceDir }) => postVerb(instanceDir, { verb: 'close' }),
	isHung: async (process) => ((await readPump(process))?.ageMs ?? 0) > HUNG_AFTER_MS,
	async closeDialogs(process) {
		const dialogs = (await readPump(process))?.dialogs ?? [];
		if (dialogs.length > 0) await postVerb(process.instanceDir, { verb: 'close_dialogs' });
		return dialogs;
	}
};

export function simulatedTerminal(options: SimulatedTerminalOptions = {}): TerminalKind {
	const { executable } = options;
	const programPath = (instanceDir: string): string =>
		join(instanceDir, executable === undefined ? 'terminal64.mjs' : 'terminal64.exe');
	return {
		name: 'simulated',
		files: diskFiles(),
		launcher: launcher(options, programPath, processTable()),
		window,
		openChannel: (instanceDir) =>
			openFileChannel(instanceDir, options.pollMs === undefined ? {} : { pollMs: options.pollMs }),
		async install(instanceDir) {
			const folders = [
				['config'],
				['logs'],
				[...BRIDGE_FOLDER, 'req'],
				[...BRIDGE_FOLDER, 'res'],
				[...BRIDGE_FOLDER, 'tpl']
			];
			for (const folder of folders) await mkdir(join(instanceDir, ...folder), { recursive: true });
			if (executable !== undefined) return copyFile(executable, programPath(instanceDir));
			const main = pathToFileURL(join(import.meta.dirname, '..', '..', 'simulator', 'main.ts'));
			const program = `import { main } from ${JSON.stringify(main.href)};\nawait main(import.meta.dirname, process.argv.slice(2));\n`;
			await replaceFile(programPath(instanceDir), Buffer.from(program));
		},
		beforeLaunch: async () => {}
	};
}
