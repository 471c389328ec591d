/** A2, A5, A8, A10, A11: what can happen to the agent's process and its machine. */
import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, rm, statfs, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../agent/src/exitCodes.ts';
import { waitFor } from '../support/waitFor.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';
import { Plant } from './support/plant.ts';

let web: WebServer;
let plant: Plant;
beforeAll(async () => {
	web = await startWebServer();
});
afterAll(() => web.stop());
afterEach(() => plant.dispose());

const kill = (signal: NodeJS.Signals) => process.kill(plant.agentPid, signal);

describe('A2: the agent restarts while terminals run', () => {
	it('all are adopted: the same processes, nothing loaded anew, nothing shown as stopped', async () => {
		plant = await Plant.build(web, { accounts: 5 });
		plant.startAgent();
		await plant.ready();
		const started = await plant.settled(await plant.press('start_ea'));
		expect(started.map(({ status }) => status)).toEqual(started.map(() => 'success'));
		const processes = await Promise.all(plant.accounts.map((id) => plant.terminalOf(id)));
		await plant.endAgent('SIGKILL');
		plant.startAgent();
		for (const id of plant.accounts) await plant.shows('running', id);
		expect(await Promise.all(plant.accounts.map((id) => plant.terminalOf(id)))).toEqual(processes);
		for (const id of plant.accounts) expect(await plant.loads(id)).toBe(1);
	});
});

/** A file system of 1 MB for the journal; null, and the reason, where this machine does not let us mount one. */
async function smallDisk(): Promise<{ path: string; remove: () => Promise<void> } | string> {
	const path = await mkdtemp(join(tmpdir(), 'quintet-small-'));
	try {
		execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path], { stdio: 'pipe' });
	} catch (error) {
		await rm(path, { recursive: true });
		return `a small tmpfs cannot be mounted here: ${(error as Error).message.trim()}`;
	}
	return {
		path,
		remove: async () => {
			execFileSync('umount', ['-l', path]);
			await rm(path, { recursive: true, force: true });
		}
	};
}
const disk = await smallDisk();
if (typeof disk === 'string') console.log(`A5 is not tested on a full disk: ${disk}`);
afterAll(async () => {
	if (typeof disk !== 'string') await disk.remove();
});

describe('A5: the disk is full', () => {
	it.skipIf(typeof disk === 'string')('Start is refused, Stop is carried out', async () => {
		if (typeof disk === 'string') return;
		// State on the small disk, terminals beside it.
		const instances = await mkdtemp(join(tmpdir(), 'quintet-instances-'));
		await mkdir(join(disk.path, 'agent'));
		await symlink(instances, join(disk.path, 'agent', 'instances'));
		plant = await Plant.build(web, { stateRoot: disk.path });
		plant.startAgent();
		await plant.ready();
		expect(await plant.carryOut('start_ea')).toMatchObject({ status: 'success' });

		const filler = join(disk.path, 'filler');
		// The agent writes there, too, and what it replaces becomes free again.
		await waitFor('the disk to be full', async () => {
			const { bavail, bsize } = await statfs(disk.path);
			await appendFile(filler, Buffer.alloc(bavail * bsize)).catch(() => undefined);
			return bavail === 0;
		});
		expect(await plant.carryOut('stop_ea')).toMatchObject({ status: 'success' });
		await plant.shows('stopped');
		expect(await plant.carryOut('start_ea')).toMatchObject({ status: 'failed', errorCode: 'journal' });
		expect(await plant.loads()).toBe(1);

		// stop-all needs no journal either.
		await plant.endAgent('SIGKILL');
		const stopAll = await plant.runCli('stop-all');
		expect(stopAll.output).toContain('stopped, proven');
		expect(stopAll).toMatchObject({ code: EXIT.notProven });
		expect(stopAll.output).toContain('could not be written down');

		await rm(filler);
		plant.startAgent();
		await waitFor(
			'a Start to go through',
			async () => (await plant.carryOut('start_ea')).status === 'success',
			{ timeoutMs: 60_000 }
		);
		await rm(instances, { recursive: true, force: true });
	});
});

describe('A10: the machine is suspended', () => {
	it('a Start that came meanwhile is not run late', async () => {
		// Nobody notices the silence: the frame lies in the agent's socket.
		await web.restart('SIGTERM', { QUINTET_PING_INTERVAL_MS: '60000', QUINTET_LINE_DEAD_MS: '120000' });
		plant = await Plant.build(web);
		plant.startAgent();
		await plant.ready();
		kill('SIGSTOP');
		const commandId = await plant.press('start_ea');
		const createdAt = Date.parse((await plant.command(commandId)).createdAt);
		await waitFor('the deadline to pass', () => Date.now() > createdAt + 16_000);
		kill('SIGCONT');
		expect(await plant.settled(commandId)).toMatchObject([{ status: 'expired' }]);
		await plant.shows('stopped');
		expect(await plant.loads()).toBe(0);
		await web.restart();
	});

	it('a line that was cut meanwhile is dialled anew, and a Stop that waited is carried out', async () => {
		await web.restart('SIGTERM', { QUINTET_PING_INTERVAL_MS: '2000', QUINTET_LINE_DEAD_MS: '8000' });
		plant = await Plant.build(web);
		plant.startAgent();
		await plant.ready();
		expect(await plant.carryOut('start_ea')).toMatchObject({ status: 'success' });
		kill('SIGSTOP');
		await plant.shows('unknown');
		const commandId = await plant.press('stop_ea');
		kill('SIGCONT');
		expect(await plant.settled(commandId)).toMatchObject([{ status: 'success' }]);
		await plant.shows('stopped');
		await web.restart();
	});
});

describe('A11: an agent that crashes again and again', () => {
	it('runs in safe mode after the fifth time: Stop is done, Start is refused', async () => {
		plant = await Plant.build(web);
		plant.startAgent();
		await plant.ready();
		expect(await plant.carryOut('start_ea')).toMatchObject({ status: 'success' });
		await plant.endAgent('SIGKILL');
		for (let crash = 2; crash <= 5; crash++) {
			plant.startAgent();
			await waitFor('its start to be noted', () => plant.agentLog.split('the agent begins').length > crash);
			await plant.endAgent('SIGKILL');
		}
		plant.startAgent();
		await plant.shows('running');
		await plant.saidAtMs('for ten minutes it starts nothing');
		expect(await plant.carryOut('stop_ea')).toMatchObject({ status: 'success' });
		expect(await plant.carryOut('start_ea')).toMatchObject({ status: 'failed', errorCode: 'safe_mode' });
		expect(await plant.loads()).toBe(1);
	});

	it('an orderly end is no crash', async () => {
		plant = await Plant.build(web);
		for (let start = 1; start <= 6; start++) {
			plant.startAgent();
			await waitFor('its start', () => plant.agentLog.split('the agent begins').length > start);
			await plant.endAgent('SIGTERM');
		}
		plant.startAgent();
		await plant.ready();
		expect(await plant.carryOut('start_ea')).toMatchObject({ status: 'success' });
	});
});
