/**
 * The Windows package as an operator installs it, and its service: registered, started, stopped, its agent killed.
 * Wine has one session, so that a service sees the desktop proves nothing; that Windows restarts a service that
 * failed cannot be seen here at all.
 */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageFiles } from '../../agent/package/package.ts';
import { type DoctorReport } from '#lib/protocol/doctorReport.ts';
import { EXIT } from '../../agent/src/exitCodes.ts';
import { lockStateDir } from '../../agent/src/lock.ts';
import { waitFor } from '../support/waitFor.ts';
import { agentLog, installAgent, PROGRAM, STATE_DIR, type InstalledAgent } from './support/installedAgent.ts';
import { WineSession } from './support/wineSession.ts';
import { startDriver, type WindowsDriver } from './support/windowsDriver.ts';

const parts = inject('wine');
let session: WineSession;
let agent: InstalledAgent;
let windows: WindowsDriver;

beforeAll(async () => {
	session = await WineSession.open(parts);
	agent = await installAgent(session, parts);
	// Wine ends all services with the last ordinary program.
	windows = await startDriver(session);
});
afterAll(async () => {
	await agent?.web.close();
	await session?.close();
});

describe('the Windows package', () => {
	it('holds what it must and nothing else, and is the same when it is made again', async () => {
		const make = async () =>
			(await packageFiles({ parts: parts.parts, say: () => {} })).map(({ path, content }) => [
				path,
				createHash('sha256').update(content).digest('hex')
			]);
		const files = await make();
		const paths = files.map(([path = '']) => path);
		expect(paths.filter((path) => !path.startsWith('mql5/'))).toEqual([
			...['LICENSE.txt', 'agent.cmd', 'agent.mjs', 'install.ps1', 'koffi.node'],
			...['node.exe', 'uninstall.ps1', 'manifest.json']
		]);
		for (const path of paths.filter((each) => each.startsWith('mql5/')))
			expect(path).toMatch(/^mql5\/(Experts|Include|Scripts)\/[\w/]+\.mq[5h]$/);
		expect(await make()).toEqual(files);
	});

	it('runs with nothing else installed', async () => {
		expect((await agent.command('--version')).trim()).toBe('0.1.0');
		expect(await agent.command('--help')).not.toContain('package');
	});

	it('gives exit codes to whoever calls it', async () => {
		const { ended } = await agent.start('run', '--state-dir', 'C:\\nothing');
		expect(await ended).toBe(3);
		expect(await (await agent.start('nonsense')).ended).toBe(2);
	});
});

describe('the service', () => {
	it('O1: is registered, starts the agent, and the agent reaches its server', async () => {
		const said = await agent.command('service', 'install', ...STATE_DIR);
		expect(said).toContain('installed and started');
		expect(said).toMatch(/in the session of \S+/);
		await agent.web.connected();
		expect(await agent.command('service', 'status')).toContain('running');
		expect(await agent.command('service', 'install', ...STATE_DIR)).toContain('installed already');
	});

	it('is what the doctor looks at first on Windows, with whom it keeps the agent for', async () => {
		const program = await agent.start('doctor', '--json', ...STATE_DIR);
		// Wine has no auto-logon, and no golden install was added.
		expect(await program.ended).toBe(EXIT.unhealthy);
		const { findings } = JSON.parse(await program.output()) as DoctorReport;
		const of = (check: string) => findings.find((finding) => finding.check === check);
		expect(of('service')).toMatchObject({ verdict: 'ok' });
		expect(of('service')?.detail).toMatch(/keeps the agent running for \S+/);
		expect(of('user')).toBeUndefined();
		expect(of('session')).toMatchObject({ verdict: 'ok' });
	});

	it('starts the agent again when it was killed', async () => {
		const first = await waitFor('the status', () => agent.status());
		await windows.endProcess(first.pid);
		const second = await waitFor('another process', async () => {
			const status = await agent.status();
			return status && status.pid !== first.pid && status;
		});
		await agent.web.connected();
		expect(second.pid).not.toBe(first.pid);
	});

	it('is removed: the agent is asked to end, ends in order, and lets go of its directory', async () => {
		const before = await waitFor('the status', () => agent.status());
		expect(await agent.command('service', 'uninstall')).toContain('removed');
		expect(await windows.programPath(before.pid)).toBeNull();
		expect(await agentLog(agent)).toContain('the agent ended');
		const lock = lockStateDir(agent.state.lock);
		expect(lock).not.toBeNull();
		lock?.release();
		// Starts without an orderly end: only the kill of the test before.
		expect(JSON.parse(await readFile(agent.state.starts, 'utf8'))).toHaveLength(1);
		const { ended } = await agent.start('service', 'status');
		expect(await ended).toBe(5);
	});

	it('can be installed again at once, though Windows still holds the old one', async () => {
		await agent.command('service', 'install', ...STATE_DIR);
		await agent.web.connected();
		await agent.command('service', 'uninstall');
		await agent.command('service', 'uninstall');
	});

	/** `service update`, called from a copy of the program whose script was changed. */
	async function update(change: (script: string) => string): Promise<{ code: number; output: string }> {
		const incoming = 'C:\\Downloads\\quintet-agent';
		await cp(session.path(PROGRAM), session.path(incoming), { recursive: true, force: true });
		const script = join(session.path(incoming), 'agent.mjs');
		await writeFile(script, change(await readFile(script, 'utf8')));
		const program = await session.start([
			...[`${incoming}\\node.exe`, `${incoming}\\agent.mjs`, 'service', 'update'],
			...['--program', PROGRAM, ...STATE_DIR]
		]);
		return { code: await program.ended, output: await program.output() };
	}
	const installedScript = (): Promise<string> => readFile(join(session.path(PROGRAM), 'agent.mjs'), 'utf8');

	it('A12: a new version takes the place of the one that runs', async () => {
		await agent.command('service', 'install', ...STATE_DIR);
		await agent.web.connected();
		const before = await waitFor('the status', () => agent.status());
		const { code, output } = await update((script) => `${script}\n// another version\n`);
		expect(output).toContain('The new version works.');
		expect(code).toBe(0);
		expect(await installedScript()).toContain('// another version');
		expect((await agent.status())?.pid).not.toBe(before.pid);
		expect(await agent.command('service', 'status')).toContain('running');
	});

	it('A12: a new version whose agent does not run is taken back', async () => {
		const good = await installedScript();
		const broken = `if (process.argv[2] === 'run') process.exit(1);`;
		const { code, output } = await update((script) => `${script.replace(/^(#!.*\n)?/, `$1${broken}\n`)}`);
		expect(output).toContain('taken back: its agent does not report that it works.');
		expect(code).toBe(5);
		expect(await installedScript()).toBe(good);
		await waitFor('the version before is at work', async () => {
			const status = await agent.status();
			return status?.isConnected && Date.parse(status.writtenAt) > Date.now() - 3_000;
		});
		await agent.command('service', 'uninstall');
	});

	it('is made for no user that Windows does not know', async () => {
		const program = await agent.start('service', 'install', '--user', 'nobody of this name', ...STATE_DIR);
		expect(await program.ended).toBe(EXIT.failed);
		expect(await program.output()).toContain('nobody is called');
		expect(await (await agent.start('service', 'status')).ended).toBe(EXIT.unhealthy);
	});

	it('does not begin outside of Windows’ service manager', async () => {
		const sid = await windows.userSid();
		const program = await agent.start('service', 'run', ...STATE_DIR, '--user-sid', sid);
		expect(await program.ended).toBe(1);
		expect(await program.output()).toContain('did not start this process');
	});
});
