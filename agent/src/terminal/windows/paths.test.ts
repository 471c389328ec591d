import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTerminalOf, isUpdaterCopy, normalPath, terminalProgram } from './programPath.ts';

const DIR = 'C:\\Quintet\\instances\\0d5e8d0e-6c40-4f46-a6ef-6b5a4a4dd0c1';

describe('which process is the terminal of a directory', () => {
	it.each([
		['as it is', terminalProgram(DIR)],
		['in another case', terminalProgram(DIR).toUpperCase()],
		['with the long-path prefix', `\\\\?\\${terminalProgram(DIR)}`],
		['with slashes', terminalProgram(DIR).replaceAll('\\', '/')],
		['with doubled separators', terminalProgram(DIR).replaceAll('\\', '\\\\')],
		['by a detour', `${DIR}\\..\\${DIR.split('\\').at(-1)}\\terminal64.exe`]
	])('knows its path %s', (_, path) => {
		expect(isTerminalOf(DIR, path)).toBe(true);
	});

	it.each([
		['of another directory', `${DIR}2\\terminal64.exe`],
		['below it', `${DIR}\\x\\terminal64.exe`],
		['above it', 'C:\\Quintet\\instances\\terminal64.exe'],
		['of another program', `${DIR}\\metatester64.exe`],
		['that is nothing', '']
	])('takes no program %s for it', (_, path) => {
		expect(isTerminalOf(DIR, path)).toBe(false);
	});

	it('T/LiveUpdate: never takes the updater’s copy for the terminal, even from inside the directory', () => {
		const roaming = 'C:\\Users\\q\\AppData\\Roaming\\MetaQuotes\\Terminal\\D0E8209F77C8CF37AD8BF550E51FF075';
		expect(isUpdaterCopy(`${roaming}\\liveupdate\\terminal64.exe`)).toBe(true);
		expect(isTerminalOf(`${roaming}\\liveupdate`, `${roaming}\\LiveUpdate\\terminal64.exe`)).toBe(false);
		expect(isUpdaterCopy(terminalProgram(DIR))).toBe(false);
	});

	it('has one spelling per path', () => {
		fc.assert(
			fc.property(fc.array(fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/), { minLength: 1 }), (parts) => {
				const path = `C:\\${parts.join('\\')}`;
				const once = normalPath(path);
				expect(normalPath(once)).toBe(once);
				expect(normalPath(`\\\\?\\${path.toUpperCase()}`)).toBe(once);
				expect(normalPath(path.replaceAll('\\', '/'))).toBe(once);
			})
		);
	});
});
