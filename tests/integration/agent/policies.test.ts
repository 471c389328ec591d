/** What an agent does of itself, on real simulated terminals: the dead-man policy, and asking before it resumes. */
import { afterEach, describe, expect, it } from 'vitest';
import { type AccountPolicy } from '#lib/domain/accountPolicy.ts';
import { AgentRig } from '../../support/agentRig.ts';
import { assignedAccount } from '../../support/fakeWeb.ts';
import { waitFor } from '../../support/waitFor.ts';

describe('policies', () => {
	let rig: AgentRig;
	afterEach(() => rig.dispose());

	async function running(...policies: AccountPolicy[]): Promise<string[]> {
		rig = await AgentRig.create({ timings: { controlLossMinuteMs: 1_000 } });
		const accounts = policies.map((policy) => assignedAccount({ policy }));
		for (const account of accounts) rig.web.accounts.set(account.accountId, account);
		rig.startAgent();
		for (const { accountId } of accounts) {
			await rig.web.state(accountId, 'connected', ({ connection }) => connection === 'connected');
			const { commandId } = rig.web.command(accountId, 'start_ea');
			expect(await rig.web.result(commandId)).toMatchObject({ outcome: 'success' });
		}
		return accounts.map(({ accountId }) => accountId);
	}
	const algoOf = (accountId: string) =>
		rig.agent?.reports().find((report) => report.accountId === accountId)?.state.algo;

	it('A4: without the server, one account is paused after its minutes and its neighbour goes on; a Start takes it back', async () => {
		const [guarded = '', kept = ''] = await running(
			{ resumesByItself: true, isWatchdogOn: true, pauseAfterLossMinutes: 2 },
			{ resumesByItself: true, isWatchdogOn: true, pauseAfterLossMinutes: null }
		);
		rig.web.authorises = false;
		rig.web.socket?.terminate();
		await waitFor('the dead-man pause', () => algoOf(guarded) === 'paused');
		expect(algoOf(kept)).toBe('running');

		rig.web.authorises = true;
		await rig.web.state(
			guarded,
			'paused, with the reason',
			({ algo, fault }) => algo === 'paused' && fault?.code === 'paused_without_server'
		);
		const { commandId } = rig.web.command(guarded, 'start_ea');
		expect(await rig.web.result(commandId)).toMatchObject({ outcome: 'success' });
		await rig.web.state(guarded, 'running', ({ algo, fault }) => algo === 'running' && fault === null);
	});

	it('A4: a restart of the agent without server neither ends the pause nor starts the EA', async () => {
		const [accountId = ''] = await running({
			resumesByItself: true,
			isWatchdogOn: true,
			pauseAfterLossMinutes: 1
		});
		rig.web.authorises = false;
		rig.web.socket?.terminate();
		await waitFor('the dead-man pause', () => algoOf(accountId) === 'paused');
		await rig.stopAgent();
		rig.web.authorises = true;
		rig.startAgent();
		await waitFor('the agent is back', () => rig.agent?.isConnected);
		await waitFor('the account is seen', () => algoOf(accountId) === 'paused');
	});

	it('R2: an agent that begins while no server answers pauses what is due, and leaves its neighbour alone', async () => {
		const [guarded = '', kept = ''] = await running(
			{ resumesByItself: true, isWatchdogOn: true, pauseAfterLossMinutes: 4 },
			{ resumesByItself: true, isWatchdogOn: true, pauseAfterLossMinutes: null }
		);
		rig.web.authorises = false;
		rig.web.socket?.terminate();
		await rig.stopAgent();
		rig.startAgent();
		await waitFor('both are looked after', () => algoOf(guarded) !== undefined && algoOf(kept) === 'running');
		await waitFor('the dead-man pause', () => algoOf(guarded) === 'paused');
		expect(algoOf(kept)).toBe('running');
	});

	it('A3: where the trader wants to be asked, an EA that a crash took is not brought back', async () => {
		const [accountId = ''] = await running({
			resumesByItself: false,
			isWatchdogOn: true,
			pauseAfterLossMinutes: null
		});
		const process = await rig.processOf(accountId);
		if (!process) throw new Error('no terminal');
		await rig.terminal.launcher.kill(process);
		await rig.web.state(
			accountId,
			'up again, asking',
			({ algo, connection, fault }) =>
				connection === 'connected' && algo !== 'running' && fault?.code === 'resume_asks'
		);
		const { commandId } = rig.web.command(accountId, 'start_ea');
		expect(await rig.web.result(commandId)).toMatchObject({ outcome: 'success' });
		await rig.web.state(accountId, 'running', ({ algo, fault }) => algo === 'running' && fault === null);
	});
});
