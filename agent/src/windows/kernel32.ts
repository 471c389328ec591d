/** Processes, as Windows' kernel32 tells of them. Handles are opened and closed within one call. */
import { openLibrary, wideText, WindowsError } from './ffi.ts';

const TERMINATE = 0x0001;
const QUERY_LIMITED = 0x1000;
const SYNCHRONIZE = 0x10_0000;
const SNAPSHOT_PROCESSES = 0x2;
const INVALID_HANDLE = -1;
const WAIT_OBJECT_0 = 0;
const ERROR_NO_MORE_FILES = 18;
/** The longest path that Windows knows, in characters. */
const LONGEST_PATH = 32_768;
/** PROCESSENTRY32W on x64: its size, where the pid is, and where the name of the program begins. */
const ENTRY = { size: 568, pid: 8, name: 44 };
/** PROCESS_MEMORY_COUNTERS_EX on x64: its size, the working set, the private bytes. */
const MEMORY = { size: 80, workingSet: 16, privateBytes: 72 };

type Handle = number | bigint;

function open() {
	const { declare } = openLibrary('kernel32.dll');
	return {
		lastError: declare<() => number>('GetLastError', 'uint32', []),
		closeHandle: declare<(handle: Handle) => number>('CloseHandle', 'int', ['intptr']),
		openProcess: declare<(access: number, inherit: number, pid: number) => Handle>('OpenProcess', 'intptr', [
			'uint32',
			'int',
			'uint32'
		]),
		imageName: declare<(process: Handle, flags: number, name: Buffer, size: Uint32Array) => number>(
			'QueryFullProcessImageNameW',
			'int',
			['intptr', 'uint32', 'void *', 'void *']
		),
		times: declare<
			(process: Handle, created: Buffer, exited: Buffer, kernel: Buffer, user: Buffer) => number
		>('GetProcessTimes', 'int', ['intptr', 'void *', 'void *', 'void *', 'void *']),
		waitFor: declare<(handle: Handle, timeoutMs: number) => number>('WaitForSingleObject', 'uint32', [
			'intptr',
			'uint32'
		]),
		terminate: declare<(process: Handle, code: number) => number>('TerminateProcess', 'int', [
			'intptr',
			'uint32'
		]),
		memory: declare<(process: Handle, counters: Buffer, size: number) => number>(
			'K32GetProcessMemoryInfo',
			'int',
			['intptr', 'void *', 'uint32']
		),
		snapshot: declare<(flags: number, pid: number) => Handle>('CreateToolhelp32Snapshot', 'intptr', [
			'uint32',
			'uint32'
		]),
		first: declare<(snapshot: Handle, entry: Buffer) => number>('Process32FirstW', 'int', [
			'intptr',
			'void *'
		]),
		next: declare<(snapshot: Handle, entry: Buffer) => number>('Process32NextW', 'int', ['intptr', 'void *']),
		sessionOf: declare<(pid: number, session: Uint32Array) => number>('ProcessIdToSessionId', 'int', [
			'uint32',
			'void *'
		])
	};
}
let opened: ReturnType<typeof open> | null = null;
const kernel32 = (): ReturnType<typeof open> => (opened ??= open());

/** The number of the last refusal on this thread; ask at once. */
export const lastError = (): number => kernel32().lastError();

export const closeHandle = (handle: Handle): void => void kernel32().closeHandle(handle);

function withProcess<T>(pid: number, access: number, use: (handle: Handle) => T): T | null {
	const handle = kernel32().openProcess(access, 0, pid);
	if (Number(handle) === 0) return null;
	try {
		return use(handle);
	} finally {
		kernel32().closeHandle(handle);
	}
}

export interface WindowsProcess {
	pid: number;
	/** 100 ns since 1601, as text: it has more digits than a number. */
	createdAt: string;
	/** Full path of the program. */
	path: string;
}

/** Used again and again: every terminal is looked at every second. */
const nameSpace = Buffer.alloc(LONGEST_PATH * 2);

function describe(pid: number, handle: Handle): WindowsProcess | null {
	// A handle somewhere keeps the shell of an ended process.
	if (kernel32().waitFor(handle, 0) === WAIT_OBJECT_0) return null;
	const size = new Uint32Array([LONGEST_PATH]);
	if (kernel32().imageName(handle, 0, nameSpace, size) === 0) return null;
	const created = Buffer.alloc(8);
	const rest = [Buffer.alloc(8), Buffer.alloc(8), Buffer.alloc(8)] as const;
	if (kernel32().times(handle, created, ...rest) === 0) return null;
	return { pid, createdAt: created.readBigUInt64LE().toString(), path: wideText(nameSpace, size[0]) };
}

/** @returns null when it ended, or is none of ours to look at */
export const describeProcess = (pid: number): WindowsProcess | null =>
	withProcess(pid, QUERY_LIMITED | SYNCHRONIZE, (handle) => describe(pid, handle));

/** Pids of all processes whose program has this file name, in any spelling. */
export function pidsOfProgram(fileName: string): number[] {
	const snapshot = kernel32().snapshot(SNAPSHOT_PROCESSES, 0);
	if (Number(snapshot) === INVALID_HANDLE) throw new WindowsError('CreateToolhelp32Snapshot', lastError());
	try {
		const entry = Buffer.alloc(ENTRY.size);
		entry.writeUInt32LE(ENTRY.size, 0);
		const wanted = fileName.toLowerCase();
		const pids: number[] = [];
		for (let more = kernel32().first(snapshot, entry); more !== 0; more = kernel32().next(snapshot, entry))
			if (wideText(entry.subarray(ENTRY.name)).toLowerCase() === wanted)
				pids.push(entry.readUInt32LE(ENTRY.pid));
		const error = lastError();
		// A list that broke off early could hide a running terminal.
		if (error !== ERROR_NO_MORE_FILES) throw new WindowsError('Process32NextW', error);
		return pids;
	} finally {
		kernel32().closeHandle(snapshot);
	}
}

/**
 * Ends a process without asking it, if it is still the one that `isSame` knows. Does not wait for its end.
 * @throws WindowsError when Windows refuses
 */
export function terminateProcess(pid: number, isSame: (process: WindowsProcess) => boolean): void {
	withProcess(pid, TERMINATE | QUERY_LIMITED | SYNCHRONIZE, (handle) => {
		// Looked at and ended through one handle: the pid cannot become another process in between.
		const found = describe(pid, handle);
		if (!found || !isSame(found)) return;
		if (kernel32().terminate(handle, 1) === 0 && kernel32().waitFor(handle, 0) !== WAIT_OBJECT_0)
			throw new WindowsError('TerminateProcess', lastError());
	});
}

/** @returns null when it ended */
export const memoryOfProcess = (pid: number): { workingSetBytes: number; privateBytes: number } | null =>
	withProcess(pid, QUERY_LIMITED, (handle) => {
		const counters = Buffer.alloc(MEMORY.size);
		counters.writeUInt32LE(MEMORY.size, 0);
		if (kernel32().memory(handle, counters, MEMORY.size) === 0) return null;
		return {
			workingSetBytes: Number(counters.readBigUInt64LE(MEMORY.workingSet)),
			privateBytes: Number(counters.readBigUInt64LE(MEMORY.privateBytes))
		};
	});

/** Opens a process to count its windows' handles; `use` must not keep the handle. */
export const withQueryHandle = <T>(pid: number, use: (handle: Handle) => T): T | null =>
	withProcess(pid, QUERY_LIMITED, use);

/** The session that a process runs in; 0 is that of services, where no window can be driven. */
export function sessionOf(pid = process.pid): number {
	const session = new Uint32Array(1);
	if (kernel32().sessionOf(pid, session) === 0) throw new WindowsError('ProcessIdToSessionId', lastError());
	return session[0] ?? 0;
}
