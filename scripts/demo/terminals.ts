import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * Ends every simulated terminal that runs from below `agentDir`, at once. For the end of the demo alone: the
 * agent itself never ends a terminal that it did not mean to.
 */
export async function killTerminals(agentDir: string): Promise<void> {
	for (const { pid, commandLine } of await processes())
		if (commandLine.includes(agentDir) && commandLine.includes('terminal64.mjs')) {
			try {
				process.kill(pid, 'SIGKILL');
			} catch {
				// It ended by itself meanwhile.
			}
		}
}

async function processes(): Promise<{ pid: number; commandLine: string }[]> {
	if (process.platform === 'linux') {
		const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
		return Promise.all(
			pids.map(async (pid) => ({
				pid: Number(pid),
				commandLine: await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
			}))
		);
	}
	if (process.platform === 'win32') return [];
	const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,command=']);
	return stdout.split('\n').map((line) => {
		const [, pid = '0', commandLine = ''] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
		return { pid: Number(pid), commandLine };
	});
}
