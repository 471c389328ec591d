/** The verbs of a real terminal's main window, through user32. Works within the agent's own session only. */
import {
	classOfWindow,
	isWindowHung,
	isWindowVisible,
	pingWindow,
	postMessage,
	processOfWindow,
	titleOfWindow,
	topLevelWindows,
	type WindowHandle
} from '../../windows/user32.ts';
import { type ProcessIdentity, type TerminalWindow } from '../ports.ts';
import { DEFAULT_FACTS } from '../provision/buildFacts.ts';
import { dialogsOf, mainWindowOf, type WindowFacts } from './dialogs.ts';
import { HangTest } from './hangTest.ts';

const WM_CLOSE = 0x0010;
const WM_COMMAND = 0x0111;
/** Of windows held in memory; a handle is checked before every use. */
const MOST_REMEMBERED = 200;

const keyOf = ({ pid, createdAt }: ProcessIdentity): string => `${pid} ${createdAt}`;

function windowsNow(pid: number): WindowFacts<WindowHandle>[] {
	return topLevelWindows()
		.filter((window) => processOfWindow(window) === pid)
		.map((window) => ({
			window,
			pid,
			className: classOfWindow(window),
			isVisible: isWindowVisible(window)
		}));
}

/** @param commandOf the Algo Trading button's own number in the build of this directory */
export function windowsWindow(
	commandOf: (instanceDir: string) => Promise<number> = async () => DEFAULT_FACTS.toggleCommand,
	monotonicMs: () => number = () => performance.now()
): TerminalWindow {
	const hangTest = new HangTest(monotonicMs);
	const remembered = new Map<string, WindowHandle>();

	function mainWindow(process: ProcessIdentity): WindowHandle | null {
		const key = keyOf(process);
		const known = remembered.get(key);
		if (known !== undefined && processOfWindow(known) === process.pid) return known;
		const found = mainWindowOf(windowsNow(process.pid), process.pid);
		if (remembered.size >= MOST_REMEMBERED) remembered.clear();
		if (found === null) remembered.delete(key);
		else remembered.set(key, found);
		return found;
	}

	function closeDialogs(process: ProcessIdentity): string[] {
		return dialogsOf(windowsNow(process.pid), process.pid).flatMap((dialog) => {
			const title = titleOfWindow(dialog);
			return postMessage(dialog, WM_CLOSE) ? [title] : [];
		});
	}

	return {
		async toggleAlgoTrading(process) {
			const window = mainWindow(process);
			if (window === null) throw new Error('the terminal has no window yet');
			if (!postMessage(window, WM_COMMAND, await commandOf(process.instanceDir)))
				throw new Error('the terminal does not take the command; does it run with higher rights?');
		},
		async requestClose(process) {
			// A dialog keeps the main window from closing.
			closeDialogs(process);
			const window = mainWindow(process);
			if (window !== null) postMessage(window, WM_CLOSE);
		},
		async isHung(process) {
			const window = mainWindow(process);
			const key = keyOf(process);
			if (window === null) {
				// No window yet, or no longer: a process that starts or ends does not hang.
				hangTest.forget(key);
				return false;
			}
			return hangTest.isHung(key, {
				isHung: () => isWindowHung(window),
				ping: (timeoutMs) => pingWindow(window, timeoutMs)
			});
		},
		closeDialogs: async (process) => closeDialogs(process)
	};
}
