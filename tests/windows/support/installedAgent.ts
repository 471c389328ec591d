/** The package, unpacked on Windows' C: drive, and an agent that is enrolled with a fake web on Linux. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeConfig } from '../../../agent/src/config.ts';
import { createIdentity } from '../../../agent/src/identity.ts';
import { stateDir, type StateDir } from '../../../agent/src/stateDir.ts';
import { readStatus, type AgentStatus } from '../../../agent/src/statusFile.ts';
import { packageFiles } from '../../../agent/package/package.ts';
import { FakeWeb } from '../../support/fakeWeb.ts';
import { type WineParts } from './wineRoot.ts';
import { type WineProgram, type WineSession } from './wineSession.ts';

export const PROGRAM = 'C:\\Quintet\\program';
const STATE = 'C:\\Quintet\\agent';

export interface InstalledAgent {
	web: FakeWeb;
	/** As Linux sees it. */
	state: StateDir;
	/** Runs a command of the packaged agent in its state directory, with its own node.exe. */
	start(...args: string[]): Promise<WineProgram>;
	/** With a variable of the environment besides. */
	startWith(env: Record<string, string>, ...args: string[]): Promise<WineProgram>;
	/** The same, until it ends; fails the test when it ends with anything but 0. */
	command(...args: string[]): Promise<string>;
	status(): Promise<AgentStatus | null>;
}

export async function installAgent(session: WineSession, parts: WineParts): Promise<InstalledAgent> {
	for (const { path, content } of await packageFiles({ parts: parts.parts, say: () => {} })) {
		const target = join(session.path(PROGRAM), ...path.split('/'));
		await mkdir(dirname(target), { recursive: true });
		await writeFile(target, content);
	}
	const state = stateDir(session.path(STATE), {});
	await mkdir(state.instances, { recursive: true });
	const identity = await createIdentity(state);
	const { publicKey, sealKey } = identity;
	const web = await FakeWeb.listen({ publicKey, sealKey });
	await writeConfig(state.config, {
		agentId: randomUUID(),
		name: 'windows',
		server: web.url,
		serverKey: web.serverKey,
		capacity: 50,
		terminal: 'mt5',
		allowsPlainText: false,
		parallelLaunches: 4
	});
	const startWith = (env: Record<string, string>, ...args: string[]): Promise<WineProgram> =>
		session.start([`${PROGRAM}\\node.exe`, `${PROGRAM}\\agent.mjs`, ...args], env);
	const start = (...args: string[]): Promise<WineProgram> => startWith({}, ...args);
	return {
		web,
		state,
		start,
		startWith,
		async command(...args) {
			const program = await start(...args);
			const code = await program.ended;
			const output = await program.output();
			if (code !== 0) throw new Error(`agent ${args.join(' ')} ended with ${code}:\n${output}`);
			return output;
		},
		status: () => readStatus(state.status)
	};
}

/** For commands that have one. */
export const STATE_DIR = ['--state-dir', STATE] as const;

export const agentLog = (agent: InstalledAgent): Promise<string> =>
	readFile(join(agent.state.root, 'agent.log'), 'utf8').catch(() => '');
