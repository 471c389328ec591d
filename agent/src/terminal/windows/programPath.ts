/** Paths of terminal programs, as Windows compares them. Pure. */
import { win32 } from 'node:path';

export const TERMINAL_PROGRAM = 'terminal64.exe';

export const terminalProgram = (instanceDir: string): string => win32.join(instanceDir, TERMINAL_PROGRAM);

/** One spelling for all that Windows takes for the same path: case, slashes, doubled ones, `\\?\`. */
export const normalPath = (path: string): string =>
	win32.normalize(path.replaceAll('/', '\\').replace(/^\\\\\?\\(?=[a-z]:)/i, '')).toLowerCase();

/**
 * Whether a running program is the terminal of this directory. LiveUpdate's own copy of terminal64.exe never is:
 * it holds no account, though it works on the terminal's behalf.
 */
export const isTerminalOf = (instanceDir: string, programPath: string): boolean =>
	!isUpdaterCopy(programPath) && normalPath(programPath) === normalPath(terminalProgram(instanceDir));

export const isUpdaterCopy = (programPath: string): boolean =>
	normalPath(programPath).includes('\\liveupdate\\');
