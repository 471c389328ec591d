/** What an agent does when a trader disconnects and connects an account, on real simulated terminals. */
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { simulatedTerminal } from '../../../agent/src/terminal/simulated.ts';
import { AgentRig, type AgentRigOptions } from '../../support/agentRig.ts';
import { assignedAccount, type FakeAccount } from '../../support/fakeWeb.ts';
import { waitFor } from '../../support/waitFor.ts';

describe('connection', () => {
	let rig: AgentRig;
	afterEach(() => rig.dispose());

	async function arrange(count = 1, options: AgentRigOptions = {}): Promise<FakeAccount[]> {
		rig = await AgentRig.create(options);
		const accounts = Array.from({ length: count }, () => assignedAccount());
		for (const account of accounts) rig.web.accounts.set(account.accountId, account);
		rig.startAgent();
		await Promise.all(accounts.map(connected));
		return accounts;
	}
	const connected = ({ accountId }: FakeAccount) =>
		rig.web.state(accountId, 'connected', ({ connection }) => connection === 'connected');
	const down = ({ accountId }: FakeAccount) =>
		rig.web.state(
			accountId,
			'down, with nothing under way',
			({ connection, activity }) => connection === 'down' && activity === null
		);
	/** As the web has it now, with the generation of the last command. */
	const assign = ({ accountId }: FakeAccount, change: Partial<FakeAccount>): void => {
		const present = rig.web.accounts.get(accountId);
		if (present) rig.web.assign({ ...present, ...change });
	};
	const isWanted = { isConnectionWanted: true };
	const isNotWanted = { isConnectionWanted: false };

	it('C3: ends the terminal of a disconnected account, keeps its login, and leaves its neighbour alone', async () => {
		const [account, neighbour] = await arrange(2);
		if (!account || !neighbour) throw new Error('two accounts were asked for');
		const beside = await rig.processOf(neighbour.accountId);
		assign(account, isNotWanted);
		expect((await down(account)).fault).toBeNull();
		expect(await rig.processOf(account.accountId)).toBeNull();
		expect(existsSync(rig.dirOf(account.accountId))).toBe(true);
		expect(await rig.processOf(neighbour.accountId)).toEqual(beside);

		assign(account, isWanted);
		await connected(account);
		const launches = rig.log.filter(
			(line) => line.includes('terminal launched') && line.includes(account.accountId)
		);
		// The last one came up with the saved login.
		expect(launches.at(-1)).toContain('"withPassword":false');
		expect(rig.web.framesOf('incident')).toEqual([]);
	});

	it('C3: a Stop of a disconnected account is proven, and leaves it disconnected', async () => {
		const [account] = await arrange();
		if (!account) throw new Error('an account was asked for');
		assign(account, isNotWanted);
		await down(account);
		const { commandId } = rig.web.command(account.accountId, 'stop_ea', { closePositions: true });
		expect(await rig.web.result(commandId)).toMatchObject({
			outcome: 'success',
			proof: { isAlgoTradingOff: true, isEaUnloaded: true, residualCount: 0 }
		});
		await waitFor('the terminal to end', async () => (await rig.processOf(account.accountId)) === null);
		await down(account);
	});

	it('C3: never ends the terminal of an algo that is to run, whatever the sync says', async () => {
		const [account] = await arrange();
		if (!account) throw new Error('an account was asked for');
		const { commandId } = rig.web.command(account.accountId, 'start_ea');
		expect(await rig.web.result(commandId)).toMatchObject({ outcome: 'success' });
		const running = await rig.processOf(account.accountId);
		assign(account, { ...isNotWanted, reconnectAskedAtMs: 5 });
		// A question that is answered after the sync was taken in, by the loop that would have acted on it.
		const again = rig.web.command(account.accountId, 'start_ea');
		expect(await rig.web.result(again.commandId)).toMatchObject({ outcome: 'success' });
		expect(await rig.processOf(account.accountId)).toEqual(running);
		const stop = rig.web.command(account.accountId, 'stop_ea');
		expect(await rig.web.result(stop.commandId)).toMatchObject({ outcome: 'success' });
		await down(account);
	});

	it('C3: reconnecting ends the terminal once and brings it up again, which is no incident and no crash', async () => {
		const [account] = await arrange(1, { timings: { restartBudget: 1 } });
		if (!account) throw new Error('an account was asked for');
		for (const reconnectAskedAtMs of [1, 2, 3]) {
			const before = await rig.processOf(account.accountId);
			assign(account, { reconnectAskedAtMs });
			await waitFor('another terminal', async () => {
				const present = await rig.processOf(account.accountId);
				return present !== null && present.pid !== before?.pid;
			});
			await connected(account);
		}
		const last = await rig.processOf(account.accountId);
		// The same moment said again, as every later sync does.
		assign(account, {});
		const { commandId } = rig.web.command(account.accountId, 'stop_ea');
		expect(await rig.web.result(commandId)).toMatchObject({ outcome: 'success' });
		expect(await rig.processOf(account.accountId)).toEqual(last);
		expect(rig.web.framesOf('incident')).toEqual([]);
	});

	it('C5: an agent that comes back keeps a disconnected account down and ends what was left running', async () => {
		const [account] = await arrange();
		if (!account) throw new Error('an account was asked for');
		await rig.stopAgent();
		expect(await rig.processOf(account.accountId)).not.toBeNull();
		rig.web.accounts.set(account.accountId, { ...account, ...isNotWanted });
		rig.web.states.clear();
		rig.startAgent();
		await down(account);
		expect(await rig.processOf(account.accountId)).toBeNull();
	});

	it('C3: says how often it tried, until it is connected', async () => {
		const account = assignedAccount();
		/** Every launch waits for it. */
		let launchGate = Promise.resolve();
		rig = await AgentRig.create({
			brokers: { '*': { '*': { loginDelayMs: 600_000 } } },
			terminal: (brokerDir) => ({
				...simulatedTerminal({ brokerDir, statusMs: 150, pollMs: 30 }),
				beforeLaunch: () => launchGate
			})
		});
		rig.web.accounts.set(account.accountId, account);
		rig.startAgent();
		const first = await waitFor('the first try', () => rig.processOf(account.accountId));
		const gate = Promise.withResolvers<void>();
		launchGate = gate.promise;
		await rig.terminal.launcher.kill(first);
		await rig.web.state(account.accountId, 'a failed try', ({ retries }) => (retries ?? 0) >= 1);
		await rig.brokers({});
		gate.resolve();
		await rig.web.state(
			account.accountId,
			'connected, no failed try',
			({ connection, retries }) => connection === 'connected' && retries === 0
		);
	});
});
