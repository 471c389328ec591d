/**
 * This process as a Windows service, and services as an administrator sees them: advapi32's service control manager.
 * The dispatcher waits in a thread of its own; its callbacks run on the event loop.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openKoffi, openLibrary, WindowsError } from '../windows/ffi.ts';
import { lastError } from '../windows/kernel32.ts';

const OWN_PROCESS = 0x10;
const STATE = { stopped: 1, startPending: 2, stopPending: 3, running: 4 } as const;
const CONTROL = { stop: 1, interrogate: 4, shutdown: 5, preshutdown: 0xf } as const;
const ACCEPTS = 0x1 | 0x4 | 0x100;
const ERROR_SERVICE_SPECIFIC = 1066;
const ERROR_CALL_NOT_IMPLEMENTED = 120;
const STOP_HINT_MS = 30_000;
const ALL_ACCESS = 0xf_01ff;
const MANAGER_ALL_ACCESS = 0xf_003f;
/** What everybody who is logged on may do: see its configuration and how it is. */
const LOOK_ACCESS = 0x1 | 0x4;
const MANAGER_LOOK_ACCESS = 0x1;
const LARGEST_CONFIG = 8 * 1024;
/** QUERY_SERVICE_CONFIGW on x64: where the pointer to its command line is. */
const CONFIG_LINE = 16;
const AUTO_START = 2;
const ERROR_NORMAL = 1;
const CONFIG = { description: 1, failureActions: 2, failureFlag: 4 } as const;
const ERROR = { marked: 1072, none: 1060, notActive: 1062, unknownLevel: 124 } as const;
const RESTART = 1;
const MARKED_TRIES = 60;
const MARKED_PAUSE_MS = 500;
const STOP_POLL_MS = 250;
const STOP_GIVE_UP_MS = 60_000;

type Handle = number | bigint;

function open() {
	const koffi = openKoffi();
	const { declare, declareAsync } = openLibrary('advapi32.dll');
	return {
		mainType: koffi.pointer(koffi.proto('void __stdcall QuintetServiceMain(uint32 count, void *names)')),
		handlerType: koffi.pointer(
			koffi.proto(
				'uint32 __stdcall QuintetServiceControl(uint32 control, uint32 kind, void *about, void *context)'
			)
		),
		dispatch: declareAsync<(table: Buffer) => number>('StartServiceCtrlDispatcherW', 'int', ['void *']),
		register: declare<(name: string, handler: bigint, context: null) => Handle>(
			'RegisterServiceCtrlHandlerExW',
			'intptr',
			['str16', 'intptr', 'void *']
		),
		setStatus: declare<(handle: Handle, status: Buffer) => number>('SetServiceStatus', 'int', [
			'intptr',
			'void *'
		]),
		openManager: declare<(machine: null, database: null, access: number) => Handle>(
			'OpenSCManagerW',
			'intptr',
			['void *', 'void *', 'uint32']
		),
		create: declare<
			(
				manager: Handle,
				name: string,
				shown: string,
				access: number,
				kind: number,
				start: number,
				errors: number,
				line: string,
				group: null,
				tag: null,
				dependencies: null,
				account: null,
				password: null
			) => Handle
		>('CreateServiceW', 'intptr', [
			...['intptr', 'str16', 'str16', 'uint32', 'uint32', 'uint32', 'uint32', 'str16'],
			...['void *', 'void *', 'void *', 'void *', 'void *']
		]),
		openService: declare<(manager: Handle, name: string, access: number) => Handle>(
			'OpenServiceW',
			'intptr',
			['intptr', 'str16', 'uint32']
		),
		configure: declare<(service: Handle, what: number, value: Buffer) => number>(
			'ChangeServiceConfig2W',
			'int',
			['intptr', 'uint32', 'void *']
		),
		start: declare<(service: Handle, count: number, args: null) => number>('StartServiceW', 'int', [
			'intptr',
			'uint32',
			'void *'
		]),
		control: declare<(service: Handle, control: number, status: Buffer) => number>('ControlService', 'int', [
			'intptr',
			'uint32',
			'void *'
		]),
		query: declare<(service: Handle, status: Buffer) => number>('QueryServiceStatus', 'int', [
			'intptr',
			'void *'
		]),
		config: declare<(service: Handle, into: Buffer, size: number, needed: Uint32Array) => number>(
			'QueryServiceConfigW',
			'int',
			['intptr', 'void *', 'uint32', 'void *']
		),
		remove: declare<(service: Handle) => number>('DeleteService', 'int', ['intptr']),
		close: declare<(handle: Handle) => number>('CloseServiceHandle', 'int', ['intptr'])
	};
}
let opened: ReturnType<typeof open> | null = null;
const scm = (): ReturnType<typeof open> => (opened ??= open());

const wide = (text: string): Buffer => Buffer.from(`${text}\0`, 'utf16le');

function statusOf(state: number, code = 0): Buffer {
	const isWaiting = state === STATE.stopPending || state === STATE.startPending;
	const words = [
		OWN_PROCESS,
		state,
		state === STATE.running ? ACCEPTS : 0,
		code === 0 ? 0 : ERROR_SERVICE_SPECIFIC,
		code,
		isWaiting ? 1 : 0,
		isWaiting ? STOP_HINT_MS : 0
	];
	const bytes = Buffer.alloc(words.length * 4);
	words.forEach((word, index) => bytes.writeUInt32LE(word, index * 4));
	return bytes;
}

/**
 * Serves as the service `name` until Windows wants it to stop.
 * @param work runs while the service does; the signal is Windows' wish. @returns the exit code, 0 when all was well
 * @throws Error when this process was not started as a service
 */
export async function serve(name: string, work: (signal: AbortSignal) => Promise<number>): Promise<void> {
	const koffi = openKoffi();
	const stop = new AbortController();
	let status: Handle = 0;
	const report = (state: number, code = 0): void => void scm().setStatus(status, statusOf(state, code));
	const onControl = koffi.register((control: number) => {
		switch (control) {
			case CONTROL.stop:
			case CONTROL.shutdown:
			case CONTROL.preshutdown:
				report(STATE.stopPending);
				stop.abort(new Error('Windows stops the service'));
				return 0;
			case CONTROL.interrogate:
				return 0;
			default:
				return ERROR_CALL_NOT_IMPLEMENTED;
		}
	}, scm().handlerType);
	const begin = koffi.register(() => {
		status = scm().register(name, onControl, null);
		report(STATE.running);
		// The function returns at once; the service goes on until it says that it is stopped.
		work(stop.signal).then(
			(code) => report(STATE.stopped, code),
			() => report(STATE.stopped, 1)
		);
	}, scm().mainType);
	const nameText = wide(name);
	const table = Buffer.alloc(32);
	table.writeBigUInt64LE(koffi.address(nameText), 0);
	table.writeBigUInt64LE(begin, 8);
	// Why it was refused is known to the thread that waited, and is always this.
	if ((await scm().dispatch(table)) === 0)
		throw new Error('Windows’ service manager did not start this process; it is no command for people');
}

function withManager<T>(use: (manager: Handle) => T, access = MANAGER_ALL_ACCESS): T {
	const manager = scm().openManager(null, null, access);
	if (Number(manager) === 0) throw new WindowsError('OpenSCManagerW', lastError());
	try {
		return use(manager);
	} finally {
		scm().close(manager);
	}
}

/** @param looksOnly for everybody, not only administrators @returns null when there is no such service */
function withService<T>(name: string, use: (service: Handle) => T, looksOnly = false): T | null {
	return withManager(
		(manager) => useService(manager, name, looksOnly ? LOOK_ACCESS : ALL_ACCESS, use),
		looksOnly ? MANAGER_LOOK_ACCESS : MANAGER_ALL_ACCESS
	);
}

function useService<T>(manager: Handle, name: string, access: number, use: (service: Handle) => T): T | null {
	const service = scm().openService(manager, name, access);
	if (Number(service) === 0) {
		const error = lastError();
		if (error === ERROR.none) return null;
		throw new WindowsError('OpenServiceW', error);
	}
	try {
		return use(service);
	} finally {
		scm().close(service);
	}
}

export interface ServiceDescription {
	name: string;
	shownName: string;
	description: string;
	commandLine: string;
	/** After the first, second and every further failure; the count begins anew after a day of health. */
	restartAfterMs: readonly number[];
}

/** Registers a service that starts with Windows, as the local system. @throws WindowsError */
export async function createService(wanted: ServiceDescription): Promise<void> {
	for (let tries = 1; ; tries += 1) {
		const refusal = withManager((manager) => create(manager, wanted));
		if (refusal === null) return;
		// One of that name was removed, and something still holds it for a moment.
		if (refusal !== ERROR.marked || tries >= MARKED_TRIES) throw new WindowsError('CreateServiceW', refusal);
		await sleep(MARKED_PAUSE_MS);
	}
}

function create(manager: Handle, wanted: ServiceDescription): number | null {
	const { name, shownName, commandLine } = wanted;
	const made = scm().create(
		manager,
		name,
		shownName,
		ALL_ACCESS,
		OWN_PROCESS,
		AUTO_START,
		ERROR_NORMAL,
		commandLine,
		null,
		null,
		null,
		null,
		null
	);
	if (Number(made) === 0) return lastError();
	try {
		describe(made, wanted);
		return null;
	} catch (error) {
		// Whole, or not at all.
		scm().remove(made);
		throw error;
	} finally {
		scm().close(made);
	}
}

function describe(service: Handle, { description, restartAfterMs }: ServiceDescription): void {
	const koffi = openKoffi();
	const text = wide(description);
	const described = Buffer.alloc(8);
	described.writeBigUInt64LE(koffi.address(text), 0);
	const actions = Buffer.alloc(restartAfterMs.length * 8);
	restartAfterMs.forEach((ms, index) => {
		actions.writeUInt32LE(RESTART, index * 8);
		actions.writeUInt32LE(ms, index * 8 + 4);
	});
	// SERVICE_FAILURE_ACTIONSW on x64: reset period, reboot message, command, count, actions.
	const failure = Buffer.alloc(40);
	failure.writeUInt32LE(24 * 60 * 60, 0);
	failure.writeUInt32LE(restartAfterMs.length, 24);
	failure.writeBigUInt64LE(koffi.address(actions), 32);
	// Also when the service ended by itself and said that it failed.
	const flag = Buffer.from([1, 0, 0, 0]);
	for (const [what, value] of [
		[CONFIG.description, described],
		[CONFIG.failureActions, failure],
		[CONFIG.failureFlag, flag]
	] as const) {
		if (scm().configure(service, what, value) !== 0) continue;
		const error = lastError();
		// Wine does not know the flag.
		if (error !== ERROR.unknownLevel) throw new WindowsError('ChangeServiceConfig2W', error);
	}
}

/** @returns false when there is none */
export const startService = (name: string): boolean =>
	withService(name, (service) => {
		if (scm().start(service, 0, null) === 0) throw new WindowsError('StartServiceW', lastError());
		return true;
	}) ?? false;

const stateOf = (name: string): number | null =>
	withService(
		name,
		(service) => {
			const status = Buffer.alloc(28);
			if (scm().query(service, status) === 0) throw new WindowsError('QueryServiceStatus', lastError());
			return status.readUInt32LE(4);
		},
		true
	);

/** What Windows runs for it; null when there is no such service. */
export const serviceCommandLine = (name: string): string | null =>
	withService(
		name,
		(service) => {
			const config = Buffer.alloc(LARGEST_CONFIG);
			if (scm().config(service, config, config.length, new Uint32Array(1)) === 0)
				throw new WindowsError('QueryServiceConfigW', lastError());
			return openKoffi().decode.string16(config.readBigUInt64LE(CONFIG_LINE));
		},
		true
	);

/** @returns null when there is no such service */
export function serviceState(name: string): 'running' | 'stopped' | 'changing' | null {
	switch (stateOf(name)) {
		case null:
			return null;
		case STATE.running:
			return 'running';
		case STATE.stopped:
			return 'stopped';
		default:
			return 'changing';
	}
}

/** Stops it and waits until it is stopped; fine when it is, or when there is none. @throws Error when it does not stop */
export async function stopService(name: string): Promise<void> {
	withService(name, (service) => {
		if (scm().control(service, CONTROL.stop, Buffer.alloc(28)) !== 0) return;
		const error = lastError();
		if (error !== ERROR.notActive) throw new WindowsError('ControlService', error);
	});
	for (let waitedMs = 0; ; waitedMs += STOP_POLL_MS) {
		const state = stateOf(name);
		if (state === null || state === STATE.stopped) return;
		if (waitedMs >= STOP_GIVE_UP_MS) throw new Error(`the service ${name} does not stop`);
		await sleep(STOP_POLL_MS);
	}
}

/** @returns false when there was none */
export const removeService = (name: string): boolean =>
	withService(name, (service) => {
		if (scm().remove(service) !== 0) return true;
		const error = lastError();
		if (error === ERROR.marked) return true;
		throw new WindowsError('DeleteService', error);
	}) ?? false;
