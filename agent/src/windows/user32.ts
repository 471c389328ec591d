/** Windows of other programs in the same session and desktop: finding them, and talking to them. */
import { openKoffi, openLibrary, wideText } from './ffi.ts';
import { withQueryHandle } from './kernel32.ts';

/** A window handle: 32 bits of meaning on every Windows. */
export type WindowHandle = number;

const SMTO_ABORT_IF_HUNG = 0x0002;
const WM_NULL = 0x0000;
const GR_GDI_OBJECTS = 0;
const GR_USER_OBJECTS = 1;
const NAME_CHARACTERS = 256;

function open() {
	const koffi = openKoffi();
	const { declare, declareAsync } = openLibrary('user32.dll');
	const eachWindow = koffi.pointer(
		koffi.proto('int __stdcall QuintetEachWindow(intptr window, intptr unused)')
	);
	return {
		enumWindows: declare<(each: (window: WindowHandle) => number, unused: number) => number>(
			'EnumWindows',
			'int',
			[eachWindow, 'intptr']
		),
		processOf: declare<(window: WindowHandle, pid: Uint32Array) => number>(
			'GetWindowThreadProcessId',
			'uint32',
			['intptr', 'void *']
		),
		className: declare<(window: WindowHandle, name: Buffer, characters: number) => number>(
			'GetClassNameW',
			'int',
			['intptr', 'void *', 'int']
		),
		text: declare<(window: WindowHandle, text: Buffer, characters: number) => number>(
			'GetWindowTextW',
			'int',
			['intptr', 'void *', 'int']
		),
		isVisible: declare<(window: WindowHandle) => number>('IsWindowVisible', 'int', ['intptr']),
		isHung: declare<(window: WindowHandle) => number>('IsHungAppWindow', 'int', ['intptr']),
		post: declare<(window: WindowHandle, message: number, wparam: number, lparam: number) => number>(
			'PostMessageW',
			'int',
			['intptr', 'uint32', 'uintptr', 'intptr']
		),
		sendTimeout: declareAsync<
			(
				window: WindowHandle,
				message: number,
				wparam: number,
				lparam: number,
				flags: number,
				timeoutMs: number,
				result: BigUint64Array
			) => number
		>('SendMessageTimeoutW', 'intptr', [
			'intptr',
			'uint32',
			'uintptr',
			'intptr',
			'uint32',
			'uint32',
			'void *'
		]),
		resources: declare<(process: number | bigint, kind: number) => number>('GetGuiResources', 'uint32', [
			'intptr',
			'uint32'
		])
	};
}
let opened: ReturnType<typeof open> | null = null;
const user32 = (): ReturnType<typeof open> => (opened ??= open());

/** Top-level windows of this session's desktop, at one moment. */
export function topLevelWindows(): WindowHandle[] {
	const windows: WindowHandle[] = [];
	user32().enumWindows((window) => {
		windows.push(window);
		return 1;
	}, 0);
	return windows;
}

/** @returns 0 when the window is gone */
export function processOfWindow(window: WindowHandle): number {
	const pid = new Uint32Array(1);
	return user32().processOf(window, pid) === 0 ? 0 : (pid[0] ?? 0);
}

export function classOfWindow(window: WindowHandle): string {
	const name = Buffer.alloc(NAME_CHARACTERS * 2);
	return wideText(name, user32().className(window, name, NAME_CHARACTERS));
}

/** Reads what Windows keeps of the title; a window of a hung program is read as well. */
export function titleOfWindow(window: WindowHandle): string {
	const text = Buffer.alloc(NAME_CHARACTERS * 2);
	return wideText(text, user32().text(window, text, NAME_CHARACTERS));
}

export const isWindowVisible = (window: WindowHandle): boolean => user32().isVisible(window) !== 0;

/** Windows' own verdict: no message taken for five seconds. */
export const isWindowHung = (window: WindowHandle): boolean => user32().isHung(window) !== 0;

/** @returns false when the window is gone, or belongs to a program with higher rights */
export const postMessage = (window: WindowHandle, message: number, wparam = 0): boolean =>
	user32().post(window, message, wparam, 0) !== 0;

/** Asks the window for nothing, and whether it answered within the time. Other work goes on meanwhile. */
export async function pingWindow(window: WindowHandle, timeoutMs: number): Promise<boolean> {
	const answer = new BigUint64Array(1);
	const sent = await user32().sendTimeout(window, WM_NULL, 0, 0, SMTO_ABORT_IF_HUNG, timeoutMs, answer);
	return Number(sent) !== 0;
}

/** Handles that a process holds of what each session has 65,536 of. */
export const guiHandlesOf = (pid: number): { gdiHandles: number; userHandles: number } | null =>
	withQueryHandle(pid, (handle) => ({
		gdiHandles: user32().resources(handle, GR_GDI_OBJECTS),
		userHandles: user32().resources(handle, GR_USER_OBJECTS)
	}));
