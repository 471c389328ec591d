/**
 * Compiling an MQL5 program with MetaEditor. Its exit code is 1 for success and 0 for failure, and it has been seen
 * to be wrong; so the log and the file that came out decide. A failing compilation removes the old .ex5.
 */
import { spawn } from 'node:child_process';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../replaceFile.ts';
import { decodeText } from '../utf16.ts';

export const METAEDITOR_EXE = 'metaeditor64.exe';
const COMPILE_MS = 120_000;

/** Runs a program in a folder until it ends; for tests to replace. @returns its exit code, null when it was ended */
export type RunProgram = (
	program: string,
	args: readonly string[],
	options: { cwd: string; timeoutMs: number }
) => Promise<number | null>;

export interface Compiled {
	ok: boolean;
	/** MetaEditor's own last word, or what kept it from having one. */
	detail: string;
}

/** The end of MetaEditor's log: `Result: 0 errors, 1 warnings, …`; null when there is none. */
export function compileResult(log: string): { errors: number; line: string } | null {
	const found = [...log.matchAll(/^.*\b(?:Result:?)\s*:?\s*(\d+) errors?\b[^\r\n]*/gim)].at(-1);
	return found?.[1] === undefined ? null : { errors: Number(found[1]), line: found[0].trim() };
}

/** @param source full path of the .mq5, without blanks and quotes */
export async function compileMql5(
	instanceDir: string,
	source: string,
	run: RunProgram = runProgram
): Promise<Compiled> {
	if (!/^[^\s"\p{C}]+\.mq5$/u.test(source))
		return { ok: false, detail: `the path ${source} cannot be given to MetaEditor` };
	const [output, log] = [source.replace(/\.mq5$/, '.ex5'), source.replace(/\.mq5$/, '.log')];
	await rm(output, { force: true });
	await rm(log, { force: true });
	const editor = join(instanceDir, METAEDITOR_EXE);
	try {
		// The quotes come after the colon; the whole switch in quotes is not understood.
		await run(editor, ['/portable', `/compile:"${source}"`, '/log'], {
			cwd: instanceDir,
			timeoutMs: COMPILE_MS
		});
	} catch (error) {
		return { ok: false, detail: `${METAEDITOR_EXE} did not run (${errorCode(error) || String(error)})` };
	}
	const result = compileResult(decodeText(await readFile(log).catch(() => Buffer.alloc(0))));
	const size = (await stat(output).catch(() => null))?.size ?? 0;
	if (size > 0 && result?.errors === 0) return { ok: true, detail: result.line };
	return { ok: false, detail: result?.line ?? 'MetaEditor left no log' };
}

const runProgram: RunProgram = (program, args, { cwd, timeoutMs }) =>
	new Promise((resolve, reject) => {
		const child = spawn(program, args, {
			cwd,
			stdio: 'ignore',
			windowsHide: true,
			windowsVerbatimArguments: true,
			timeout: timeoutMs,
			killSignal: 'SIGKILL'
		});
		child.once('error', reject);
		child.once('exit', (code) => resolve(code));
	});
