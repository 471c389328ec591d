/**
 * Runs under Wine's node.exe: does what a test on Linux asks for, with the agent's own Windows code. One request per
 * line of JSON, one answer per line.
 */
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';
import { openKoffi } from '../../../agent/src/windows/ffi.ts';
import * as acl from '../../../agent/src/windows/acl.ts';
import * as kernel32 from '../../../agent/src/windows/kernel32.ts';
import * as users from '../../../agent/src/windows/users.ts';
import * as user32 from '../../../agent/src/windows/user32.ts';
import {
	endStuckUpdaters,
	runningUpdaters,
	windowsLauncher
} from '../../../agent/src/terminal/windows/launcher.ts';
import { windowsWindow } from '../../../agent/src/terminal/windows/window.ts';

const window = windowsWindow();
/** Everything that a test may ask for; its types are those of the answers too. */
export const VERBS = {
	...windowsLauncher,
	...window,
	updaters: async () => runningUpdaters(),
	endStuckUpdaters: async (afterMs: number) =>
		endStuckUpdaters(process.env.APPDATA ?? '', Date.now(), afterMs),
	titles: async (pid: number) =>
		user32
			.topLevelWindows()
			.filter((each) => user32.processOfWindow(each) === pid)
			.map((each) => `${user32.classOfWindow(each)}|${user32.titleOfWindow(each)}`),
	session: async () => kernel32.sessionOf(),
	koffi: async () => openKoffi().version,
	userSid: async () => acl.currentUserSid(),
	sessionUser: async () => users.userOfThisSession(),
	sidOfUser: async (name: string) => users.sidOfUser(name),
	nameOfUser: async (sid: string) => users.nameOfUser(sid),
	readAccess: async (path: string) => acl.readAccess(path),
	denyWrites: async (path: string, sid: string) => acl.denyWrites(path, sid),
	keepFor: async (path: string, sid: string) => acl.keepFor(path, sid),
	isWine: async () => acl.isWine(),
	pid: async () => process.pid,
	programPath: async (pid: number) => kernel32.describeProcess(pid)?.path ?? null,
	endProcess: async (pid: number) => process.kill(pid),
	exit: async () => void setImmediate(() => process.exit(0))
};
export type Verbs = typeof VERBS;

if (import.meta.main) {
	const socket = createConnection(Number(process.argv[2]), '127.0.0.1');
	socket.on('close', () => process.exit(0));
	createInterface({ input: socket }).on('line', async (line) => {
		const { id, verb, args } = JSON.parse(line) as { id: number; verb: keyof Verbs; args: never[] };
		const answer = await (VERBS[verb] as (...given: never[]) => Promise<unknown>)(...args).then(
			(value) => ({ id, value }),
			(error: Error) => ({ id, error: error.message })
		);
		socket.write(`${JSON.stringify(answer)}\n`);
	});
}
