/** An account leaves an agent: its terminal is proven down first, and never comes up for it again. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { AgentRig, type AgentRigOptions } from '../../support/agentRig.ts';
import { assignedAccount, type FakeAccount } from '../../support/fakeWeb.ts';
import { waitFor } from '../../support/waitFor.ts';

describe('release', () => {
	let rig: AgentRig;
	afterEach(() => rig.dispose());

	async function arrange(count = 1, options: AgentRigOptions = {}): Promise<FakeAccount[]> {
		rig = await AgentRig.create(options);
		const accounts = Array.from({ length: count }, () => assignedAccount());
		for (const account of accounts) rig.web.accounts.set(account.accountId, account);
		rig.startAgent();
		await rig.web.connected();
		return accounts;
	}
	async function start({ accountId }: FakeAccount): Promise<void> {
		const { commandId } = rig.web.command(accountId, 'start_ea');
		expect(await rig.web.result(commandId)).toMatchObject({ outcome: 'success' });
	}
	const release = ({ accountId }: FakeAccount, epoch = 1): void =>
		rig.web.send({ type: 'release', accounts: [{ accountId, epoch }] });
	const wordsOn = ({ accountId }: FakeAccount) =>
		rig.web.framesOf('released').filter((frame) => frame.accountId === accountId);
	const released = (account: FakeAccount, times = 1) =>
		waitFor(`released ${times} times`, () => wordsOn(account).length >= times, { timeoutMs: 40_000 });

	it('O1: says so only when the terminal is down and its directory gone, each time it is asked', async () => {
		const [account, neighbour] = await arrange(2);
		if (!account || !neighbour) throw new Error('two accounts were asked for');
		await start(account);
		await start(neighbour);
		await rig.web.state(neighbour.accountId, 'running', ({ algo }) => algo === 'running');
		release(account);
		await released(account);
		expect(await rig.processOf(account.accountId)).toBeNull();
		expect(existsSync(rig.dirOf(account.accountId))).toBe(false);
		expect(wordsOn(account)).toMatchObject([{ epoch: 1 }]);
		release(account);
		await released(account, 2);
		expect(rig.web.states.get(neighbour.accountId)?.algo).toBe('running');
	});

	it('O1: runs nothing of the account under that epoch again, and anew under the next', async () => {
		const [account] = await arrange();
		if (!account) throw new Error('an account was asked for');
		await start(account);
		release(account);
		await released(account);
		// A word that was under way since before the release.
		rig.web.assign({ ...account, wanted: 'STOPPED', generation: 2 });
		const { commandId } = rig.web.command(account.accountId, 'start_ea');
		expect(await rig.web.result(commandId)).toMatchObject({
			outcome: 'failed',
			errorCode: 'unknown_account'
		});
		expect(await rig.processOf(account.accountId)).toBeNull();
		rig.web.assign({ ...account, epoch: 2, generation: 3 });
		await start({ ...account, epoch: 2 });
	});

	it('O1: does not hear a release of an epoch that is over', async () => {
		const [account] = await arrange();
		if (!account) throw new Error('an account was asked for');
		rig.web.assign({ ...account, epoch: 3 });
		await start(account);
		release(account, 2);
		const { commandId } = rig.web.command(account.accountId, 'stop_ea');
		expect(await rig.web.result(commandId)).toMatchObject({ outcome: 'success' });
		expect(wordsOn(account)).toEqual([]);
	});

	it('O4: back after a restart, ends the terminals of what it lost before it is told anything else', async () => {
		const [account] = await arrange();
		if (!account) throw new Error('an account was asked for');
		await start(account);
		await rig.stopAgent();
		expect(await rig.processOf(account.accountId)).not.toBeNull();
		rig.web.accounts.delete(account.accountId);
		rig.web.standing = 'pending';
		rig.startAgent();
		await rig.web.connected();
		// No sync ever comes on this line.
		release(account);
		await waitFor('the directory to go', () => !existsSync(rig.dirOf(account.accountId)));
		expect(await rig.processOf(account.accountId)).toBeNull();
	});

	it('O4: a launch that is under way when the account leaves leaves no terminal behind', async () => {
		const [account] = await arrange();
		if (!account) throw new Error('an account was asked for');
		await waitFor('the terminal to be put in place', () => existsSync(rig.dirOf(account.accountId)));
		release(account);
		await released(account);
		expect(await rig.processOf(account.accountId)).toBeNull();
		expect(existsSync(rig.dirOf(account.accountId))).toBe(false);
	});

	it('S6: STOP_ALL does not wait for terminals that never ran', async () => {
		const [account] = await arrange(1, { timings: { selfRestartMs: 3_600_000 } });
		if (!account) throw new Error('an account was asked for');
		// By then the first sync has cleared away what it did not name.
		await rig.web.state(account.accountId, 'connected', ({ connection }) => connection === 'connected');
		const neverRan = randomUUID();
		await mkdir(rig.dirOf(neverRan), { recursive: true });
		const answers = await rig.agent?.haltAll();
		expect(answers?.find(({ accountId }) => accountId === neverRan)).toMatchObject({ isProven: true });
	});
});
