/**
 * Starting a program in the session of a user who is logged on, from a service. Windows of one session cannot be
 * reached from another, so agent and terminals must be where the user's desktop is, and run with that user's plain
 * rights, as the terminals do.
 */
import { sidOfToken } from '../windows/acl.ts';
import { openKoffi, openLibrary, WindowsError } from '../windows/ffi.ts';
import { closeHandle, lastError } from '../windows/kernel32.ts';
import { commandLine } from './commandLine.ts';
import { type KeptProcess } from './keeper.ts';

const CURRENT_SERVER = 0;
/** WTS_SESSION_INFOW on x64: id, name, state. */
const SESSION = { size: 24, id: 0, state: 16 };
const ACTIVE = 0;
const DISCONNECTED = 4;
const CREATE_NO_WINDOW = 0x0800_0000;
const CREATE_UNICODE_ENVIRONMENT = 0x0400;
/** STARTUPINFOW on x64: its size, and where the pointer to the desktop's name is. */
const STARTUP = { size: 104, desktop: 16 };
const WAIT_OBJECT_0 = 0;
/** The user's own desktop. Held here for good, since Windows gets its address. */
const DESKTOP = Buffer.from('winsta0\\default\0', 'utf16le');

type Pointer = bigint;

function open() {
	const wts = openLibrary('wtsapi32.dll').declare;
	const kernel32 = openLibrary('kernel32.dll').declare;
	const userenv = openLibrary('userenv.dll').declare;
	return {
		sessions: wts<
			(server: number, reserved: number, version: number, out: BigUint64Array, count: Uint32Array) => number
		>('WTSEnumerateSessionsW', 'int', ['intptr', 'uint32', 'uint32', 'void *', 'void *']),
		freeMemory: wts<(memory: Pointer) => void>('WTSFreeMemory', 'void', ['intptr']),
		userToken: wts<(session: number, token: BigUint64Array) => number>('WTSQueryUserToken', 'int', [
			'uint32',
			'void *'
		]),
		consoleSession: kernel32<() => number>('WTSGetActiveConsoleSessionId', 'uint32', []),
		exitCode: kernel32<(process: Pointer, code: Uint32Array) => number>('GetExitCodeProcess', 'int', [
			'intptr',
			'void *'
		]),
		waitFor: kernel32<(handle: Pointer, timeoutMs: number) => number>('WaitForSingleObject', 'uint32', [
			'intptr',
			'uint32'
		]),
		terminate: kernel32<(process: Pointer, code: number) => number>('TerminateProcess', 'int', [
			'intptr',
			'uint32'
		]),
		copyMemory: kernel32<(to: Buffer, from: Pointer, size: number) => void>('RtlMoveMemory', 'void', [
			'void *',
			'intptr',
			'size_t'
		]),
		environment: userenv<(out: BigUint64Array, token: Pointer, inherit: number) => number>(
			'CreateEnvironmentBlock',
			'int',
			['void *', 'intptr', 'int']
		),
		freeEnvironment: userenv<(block: Pointer) => number>('DestroyEnvironmentBlock', 'int', ['intptr']),
		createAsUser: openLibrary('advapi32.dll').declare<
			(
				token: Pointer,
				application: null,
				line: Buffer,
				processAttributes: null,
				threadAttributes: null,
				inherit: number,
				flags: number,
				environment: Pointer,
				folder: string,
				startup: Buffer,
				process: Buffer
			) => number
		>('CreateProcessAsUserW', 'int', [
			'intptr',
			'void *',
			'void *',
			'void *',
			'void *',
			'int',
			'uint32',
			'intptr',
			'str16',
			'void *',
			'void *'
		])
	};
}
let opened: ReturnType<typeof open> | null = null;
const windows = (): ReturnType<typeof open> => (opened ??= open());

/** Sessions that somebody may be logged on to, the one at the console first. */
function candidateSessions(): number[] {
	const [list, count] = [new BigUint64Array(1), new Uint32Array(1)];
	const console = windows().consoleSession();
	const found: number[] = [];
	if (windows().sessions(CURRENT_SERVER, 0, 1, list, count) !== 0) {
		const bytes = Buffer.alloc((count[0] ?? 0) * SESSION.size);
		if (bytes.length > 0) windows().copyMemory(bytes, list[0] ?? 0n, bytes.length);
		windows().freeMemory(list[0] ?? 0n);
		for (let at = 0; at < bytes.length; at += SESSION.size) {
			const state = bytes.readInt32LE(at + SESSION.state);
			// A disconnected desktop goes on: somebody closed the RDP window.
			if (state === ACTIVE || state === DISCONNECTED) found.push(bytes.readUInt32LE(at + SESSION.id));
		}
	}
	return [console, ...found.filter((id) => id !== console)].filter((id) => id !== 0 && id !== 0xffff_ffff);
}

/** Runs `use` with the token of the session of `userSid`; the token is closed then. @returns null when not logged on */
function withUserToken<T>(userSid: string, use: (token: Pointer) => T): T | null {
	for (const session of candidateSessions()) {
		const token = new BigUint64Array(1);
		if (windows().userToken(session, token) === 0) continue;
		try {
			if (sidOfToken(token[0] ?? 0n) === userSid) return use(token[0] ?? 0n);
		} finally {
			closeHandle(token[0] ?? 0n);
		}
	}
	return null;
}

export interface UserProgram {
	program: string;
	args: readonly string[];
	folder: string;
}

/**
 * Starts a program on the desktop of a user, with that user's environment.
 * @param requestEnd how the program is asked to end
 * @returns null while the user is not logged on
 * @throws WindowsError when Windows refuses; only the local system may do this
 */
export function startAsUser(
	userSid: string,
	{ program, args, folder }: UserProgram,
	requestEnd: () => Promise<void>
): KeptProcess | null {
	return withUserToken(userSid, (token) => {
		const environment = new BigUint64Array(1);
		if (windows().environment(environment, token, 0) === 0)
			throw new WindowsError('CreateEnvironmentBlock', lastError());
		try {
			// Windows may write into the command line while it reads it.
			const line = Buffer.from(`${commandLine(program, args)}\0`, 'utf16le');
			const startup = Buffer.alloc(STARTUP.size);
			startup.writeUInt32LE(STARTUP.size, 0);
			startup.writeBigUInt64LE(openKoffi().address(DESKTOP), STARTUP.desktop);
			const process = Buffer.alloc(24);
			const flags = CREATE_NO_WINDOW | CREATE_UNICODE_ENVIRONMENT;
			const block = environment[0] ?? 0n;
			if (
				windows().createAsUser(token, null, line, null, null, 0, flags, block, folder, startup, process) === 0
			)
				throw new WindowsError('CreateProcessAsUserW', lastError());
			closeHandle(process.readBigUInt64LE(8));
			return keep(process.readBigUInt64LE(0), process.readUInt32LE(16), requestEnd);
		} finally {
			windows().freeEnvironment(environment[0] ?? 0n);
		}
	});
}

/** Closes the handle as soon as the end was seen. */
function keep(handle: Pointer, pid: number, requestEnd: () => Promise<void>): KeptProcess {
	let code: number | null = null;
	return {
		pid,
		requestEnd,
		exitCode() {
			if (code !== null || windows().waitFor(handle, 0) !== WAIT_OBJECT_0) return code;
			const found = new Uint32Array(1);
			windows().exitCode(handle, found);
			code = found[0] ?? 0;
			closeHandle(handle);
			return code;
		},
		kill() {
			if (code === null) windows().terminate(handle, 1);
		}
	};
}
