/** `agent golden renew`: existing terminals onto a newer build, by the running agent. Real files, real processes. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../agent/src/clock.ts';
import { goldenRenew } from '../../../agent/src/commands/goldenRenew.ts';
import { EXIT } from '../../../agent/src/exitCodes.ts';
import { lockStateDir, type StateLock } from '../../../agent/src/lock.ts';
import { requestRenewal } from '../../../agent/src/renewFile.ts';
import { GoldenStore } from '../../../agent/src/terminal/provision/goldenStore.ts';
import { readInstallMark } from '../../../agent/src/terminal/provision/installMark.ts';
import { InstallRefused } from '../../../agent/src/terminal/provision/installRefused.ts';
import { createProvisioner } from '../../../agent/src/terminal/provision/provisioner.ts';
import { createRenewal } from '../../../agent/src/terminal/provision/renewal.ts';
import { simulatedTerminal } from '../../../agent/src/terminal/simulated.ts';
import { AgentRig } from '../../support/agentRig.ts';
import { assignedAccount, type FakeAccount } from '../../support/fakeWeb.ts';
import { goldenFolder, programWithVersion } from '../../support/goldenFolder.ts';
import { waitFor } from '../../support/waitFor.ts';

const BROKER = 'Renewed Broker';
/** Of a build with it, no terminal is started. */
const FAULTY = 'config/faulty.txt';

describe('E2: agent golden renew', () => {
	let rig: AgentRig;
	let golden: GoldenStore;
	let lock: StateLock | null;
	/** The product's MQL5 files, compiled. */
	let bridgeSource: string;
	/** Every launch waits for it. */
	let launchGate: Promise<void>;
	const accounts = [assignedAccount({ broker: BROKER }), assignedAccount({ broker: BROKER })] as const;

	beforeEach(async () => {
		launchGate = Promise.resolve();
		rig = await AgentRig.create({
			terminal: (brokerDir) => {
				const simulated = simulatedTerminal({ brokerDir, statusMs: 150, pollMs: 30 });
				golden = new GoldenStore(join(dirname(brokerDir), 'golden'));
				const freeBytes = async () => 100 * 1024 ** 3;
				const parts = { golden, wallMs: Date.now, freeBytes };
				bridgeSource = join(dirname(brokerDir), 'mql5');
				const mql5 = { source: bridgeSource, cache: join(dirname(brokerDir), 'compiled') };
				const { install } = createProvisioner({ ...parts, mql5, capacity: 5 });
				return {
					...simulated,
					renewal: createRenewal({ ...parts, mql5Source: bridgeSource }),
					async install(dir, account, progress) {
						await install(dir, account, progress);
						await simulated.install(dir, account, progress);
					},
					async beforeLaunch(dir) {
						const isFaulty = await stat(join(dir, ...FAULTY.split('/'))).catch(() => null);
						await launchGate;
						if (isFaulty) throw new InstallRefused('live_update_open', 'of the test');
					}
				};
			}
		});
		await addBridge('one');
		await addBuild(5830);
		for (const account of accounts) rig.web.accounts.set(account.accountId, account);
		// As a process of its own holds it.
		lock = lockStateDir(rig.state.lock);
		rig.startAgent();
		for (const { accountId } of accounts)
			await rig.web.state(
				accountId,
				'the login, and nothing more to be done',
				({ connection, activity }) => connection === 'connected' && activity === null
			);
	});
	afterEach(async () => {
		lock?.release();
		await rig.dispose();
	});

	async function addBridge(content: string): Promise<void> {
		await mkdir(join(bridgeSource, 'Experts', 'Quintet'), { recursive: true });
		await writeFile(join(bridgeSource, 'Experts', 'Quintet', 'QuintetBridge.ex5'), content);
	}

	async function addBuild(build: number, changes: Record<string, string> = {}): Promise<void> {
		const folder = join(rig.state.root, `source-${build}`);
		await goldenFolder(folder, { 'terminal64.exe': programWithVersion(build), ...changes });
		await golden.remove('renewed-broker');
		const options = { servers: [], isDefault: false, leavesAccountOut: false, leastBytes: 1 };
		await golden.add(folder, { broker: BROKER, now: new Date(), ...options });
	}

	async function renew(account: string | null = null) {
		const lines: string[] = [];
		const tools = { clock: systemClock, say: (line: string) => void lines.push(line) };
		const signal = AbortSignal.timeout(90_000);
		const exit = await goldenRenew(rig.state, { name: BROKER, account }, { ...tools, signal });
		return { exit, lines, said: lines.join('\n') };
	}
	const buildOf = async ({ accountId }: FakeAccount) => (await readInstallMark(rig.dirOf(accountId)))?.build;
	const pidOf = async ({ accountId }: FakeAccount) => (await rig.processOf(accountId))?.pid;
	const loginOf = ({ accountId }: FakeAccount) =>
		readFile(join(rig.dirOf(accountId), 'config', 'accounts.dat'), 'utf8');

	it('renews what is stopped, one at a time and without a password; leaves what runs, and says why', async () => {
		const [running, stopped] = accounts;
		const start = rig.web.command(running.accountId, 'start_ea');
		expect(await rig.web.result(start.commandId)).toMatchObject({ outcome: 'success' });
		const before = { pid: await pidOf(running), other: await pidOf(stopped), login: await loginOf(stopped) };
		await addBuild(5900);

		const shown = rig.web.state(
			stopped.accountId,
			'the renewal',
			({ activity }) => activity === 'renewing the terminal'
		);
		const first = await renew();
		await shown;
		expect(first.exit).toBe(EXIT.unhealthy);
		expect(first.said).toMatch(new RegExp(`LEFT +${running.accountNumber} .*Press Stop`));
		expect(first.said).toMatch(new RegExp(`ok +${stopped.accountNumber} .*logged in again`));
		expect([await buildOf(running), await buildOf(stopped)]).toEqual([5830, 5900]);
		expect(await pidOf(running)).toBe(before.pid);
		expect(await pidOf(stopped)).not.toBe(before.other);
		expect(await loginOf(stopped)).toBe(before.login);
		const launches = rig.log
			.filter((line) => line.includes('terminal launched'))
			.map((line) => JSON.parse(line));
		const ofStopped = launches.filter(({ accountId }) => accountId === stopped.accountId);
		expect(ofStopped.map(({ withPassword }) => withPassword)).toEqual([true, false, false]);

		// Nothing of it stands in a command's way, and the rest follows when it may.
		const stop = rig.web.command(running.accountId, 'stop_ea');
		expect(await rig.web.result(stop.commandId)).toMatchObject({ outcome: 'success' });
		const second = await renew();
		expect(second.exit).toBe(EXIT.ok);
		expect(second.said).toMatch(new RegExp(`ok +${stopped.accountNumber} .*of this build`));
		expect(await buildOf(running)).toBe(5900);
		const again = rig.web.command(stopped.accountId, 'start_ea');
		expect(await rig.web.result(again.commandId)).toMatchObject({ outcome: 'success' });
	});

	it('never closes two terminals at once, and renews only the one that is named', async () => {
		await addBuild(5900);
		const [first, second] = accounts;
		const named = await renew(first.accountNumber);
		expect(named.exit).toBe(EXIT.ok);
		expect([await buildOf(first), await buildOf(second)]).toEqual([5900, 5830]);
		await addBuild(5901);
		expect(await renew()).toMatchObject({ exit: EXIT.ok });
		// From the log, which holds every step: each is done before the next one's terminal is launched.
		const steps = rig.log
			.filter((line) => /terminal launched|renewal of a terminal/.test(line))
			.map((line) => JSON.parse(line) as { msg: string; accountId: string })
			.slice(-4);
		expect(steps.map(({ msg }) => msg)).toEqual([
			...['terminal launched', 'renewal of a terminal'],
			...['terminal launched', 'renewal of a terminal']
		]);
		expect(steps[0]?.accountId).toBe(steps[1]?.accountId);
		expect(steps[2]?.accountId).toBe(steps[3]?.accountId);
		expect(new Set(steps.map(({ accountId }) => accountId)).size).toBe(2);
	});

	it('goes back to the build before when the new one does not come up', async () => {
		const [account] = accounts;
		const login = await loginOf(account);
		await addBuild(5900, { [FAULTY]: 'x' });
		const { exit, said } = await renew(account.accountId);
		expect(exit).toBe(EXIT.unhealthy);
		expect(said).toMatch(new RegExp(`FAILED +${account.accountNumber} .*build before is back`));
		expect(await buildOf(account)).toBe(5830);
		expect(await loginOf(account)).toBe(login);
		await rig.web.state(
			account.accountId,
			'the login',
			({ connection, fault }) => connection === 'connected' && fault === null
		);
	});

	it.each(['start_ea', 'stop_ea'] as const)(
		'a %s that comes while the terminal is being renewed is carried out, and the renewal is done once more',
		async (kind) => {
			const [account] = accounts;
			const { accountId, accountNumber } = account;
			await addBuild(5900);
			const gate = Promise.withResolvers<void>();
			launchGate = gate.promise;
			const renewing = renew(accountNumber);
			// Closed and in its new directory, and not up again: the launch waits.
			await waitFor('the new build', async () => (await buildOf(account)) === 5900);
			const { commandId } = rig.web.command(accountId, kind);
			await waitFor('the command is taken in', () =>
				rig.web.framesOf('progress').some((frame) => frame.commandId === commandId)
			);
			const { exit, said } = await renewing;
			expect(exit).toBe(EXIT.unhealthy);
			expect(said).toMatch(new RegExp(`FAILED +${accountNumber} .*cut short`));
			expect(rig.web.resultsOf(commandId)).toEqual([]);
			gate.resolve();
			const eaStatus = kind === 'start_ea' ? 'running' : 'stopped';
			expect(await rig.web.result(commandId)).toMatchObject({ outcome: 'success', eaStatus });
			expect(await renew(accountNumber)).toMatchObject({ exit: EXIT.ok });
			await rig.web.state(accountId, eaStatus, ({ algo }) => algo === eaStatus);
		}
	);

	it('restarts a terminal of which only the bridge is older, in the same directory', async () => {
		const [account] = accounts;
		const { birthtimeMs } = await stat(rig.dirOf(account.accountId));
		await addBridge('two');
		const { exit, said } = await renew(account.accountNumber);
		expect(exit).toBe(EXIT.ok);
		expect(said).toMatch(new RegExp(`ok +${account.accountNumber} .*logged in again`));
		const bridge = join(rig.dirOf(account.accountId), 'MQL5', 'Experts', 'Quintet', 'QuintetBridge.ex5');
		expect(await readFile(bridge, 'utf8')).toBe('two');
		expect((await stat(rig.dirOf(account.accountId))).birthtimeMs).toBe(birthtimeMs);
		expect((await renew(account.accountNumber)).said).toContain('of this build');
	});

	it('leaves an account that the server has not named since the agent began', async () => {
		const [account] = accounts;
		rig.web.authorises = false;
		rig.web.socket?.terminate();
		await rig.stopAgent();
		await addBuild(5900);
		rig.startAgent();
		const pid = await pidOf(account);
		const { exit, said } = await renew(account.accountNumber);
		expect(exit).toBe(EXIT.unhealthy);
		expect(said).toMatch(new RegExp(`LEFT +${account.accountNumber} .*Is the agent connected`));
		expect([await pidOf(account), await buildOf(account)]).toEqual([pid, 5830]);
	});

	it('refuses without a running agent, beside another renewal, and for a name that is none', async () => {
		const other = { requestId: crypto.randomUUID(), golden: 'none', account: null };
		await rig.stopAgent();
		await requestRenewal(rig.state, other);
		expect((await renew()).said).toContain('Another renewal is under way');
		lock?.release();
		lock = null;
		const { exit, said } = await renew();
		expect(exit).toBe(EXIT.unhealthy);
		expect(said).toContain('No agent runs here');
		await golden.remove('renewed-broker');
		expect((await renew()).said).toContain('There is no golden install');
	});
});
