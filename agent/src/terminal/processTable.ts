/**
 * Looking at the operating system's processes: which process runs from an instance directory, since when,
 * and whether it is still the same one. A process that ended but was not reaped counts as gone.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

export interface TableEntry {
	pid: number;
	/** Only ever compared. */
	createdAt: string;
	commandLine: string;
}

export interface ProcessTable {
	/** Null when no such process runs. */
	entry(pid: number): Promise<TableEntry | null>;
	/** The oldest process whose command line holds `text`. */
	findByCommandLine(text: string): Promise<TableEntry | null>;
}

const run = promisify(execFile);
const LONGEST_OUTPUT = 16 * 1024 * 1024;

/** Linux: /proc/<pid>/stat, where the state is the first and the start time the 20th field after the name. */
async function linuxEntry(pid: number): Promise<TableEntry | null> {
	try {
		const [stat, commandLine] = await Promise.all([
			readFile(`/proc/${pid}/stat`, 'latin1'),
			readFile(`/proc/${pid}/cmdline`, 'utf8')
		]);
		// The name stands in brackets, and may hold anything, brackets too.
		const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		const [state, createdAt] = [fields[0], fields[19]];
		if (state === 'Z' || state === 'X' || createdAt === undefined) return null;
		return { pid, createdAt, commandLine: commandLine.replaceAll('\0', ' ') };
	} catch {
		// Gone between two reads, or never there.
		return null;
	}
}

const linuxTable: ProcessTable = {
	entry: linuxEntry,
	async findByCommandLine(text) {
		const matches: TableEntry[] = [];
		for (const name of await readdir('/proc')) {
			if (!/^\d+$/.test(name)) continue;
			const commandLine = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
			if (!commandLine.replaceAll('\0', ' ').includes(text)) continue;
			const entry = await linuxEntry(Number(name));
			if (entry) matches.push(entry);
		}
		return matches.sort((a, b) => Number(a.createdAt) - Number(b.createdAt))[0] ?? null;
	}
};

/** One line of output per process: pid, start time, command line. */
function tableFromLines(list: () => Promise<string>, form: RegExp): ProcessTable {
	const entries = async (): Promise<TableEntry[]> =>
		(await list()).split(/\r?\n/).flatMap((line) => {
			const [, pid, createdAt, commandLine] = form.exec(line) ?? [];
			return pid === undefined || createdAt === undefined || commandLine === undefined
				? []
				: [{ pid: Number(pid), createdAt, commandLine }];
		});
	return {
		entry: async (pid) => (await entries()).find((entry) => entry.pid === pid) ?? null,
		findByCommandLine: async (text) =>
			(await entries())
				.filter((entry) => entry.commandLine.includes(text))
				.sort((a, b) => startedAt(a) - startedAt(b))[0] ?? null
	};
}

const startedAt = (entry: TableEntry): number => Number(entry.createdAt) || Date.parse(entry.createdAt);

const psTable = tableFromLines(
	async () =>
		(
			await run('ps', ['-axww', '-o', 'pid=,lstart=,command='], {
				maxBuffer: LONGEST_OUTPUT,
				env: { ...process.env, LC_ALL: 'C' }
			})
		).stdout,
	/^\s*(\d+)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]+\s+\d{4})\s+(.*)$/
);

const POWERSHELL_LIST =
	'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.CreationDate.ToFileTimeUtc()) $($_.CommandLine)" }';

const windowsTable = tableFromLines(
	async () =>
		(
			await run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', POWERSHELL_LIST], {
				maxBuffer: LONGEST_OUTPUT,
				windowsHide: true
			})
		).stdout,
	/^(\d+) (\d+) (.*)$/
);

export function processTable(platform: NodeJS.Platform = process.platform): ProcessTable {
	switch (platform) {
		case 'linux':
			return linuxTable;
		case 'win32':
			return windowsTable;
		default:
			return psTable;
	}
}
