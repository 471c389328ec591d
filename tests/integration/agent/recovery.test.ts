/** An agent that ends in the middle of a command: what the next one makes of it. */
import { afterEach, describe, expect, it } from 'vitest';
import { AgentRig, type AgentRigOptions } from '../../support/agentRig.ts';
import { assignedAccount } from '../../support/fakeWeb.ts';
import { type SeenState } from '#lib/protocol/seen.ts';
import { waitFor } from '../../support/waitFor.ts';
import { START_STAGES } from '../../../agent/src/supervisor/startEa.ts';

describe('recovery', () => {
	let rig: AgentRig;
	afterEach(() => rig.dispose());

	/** Ends the agent while its Start waits for the EA to report ready. */
	async function interrupted(eaReadyDelayMs: number, heartbeatMs = 4_000) {
		rig = await AgentRig.create({
			brokers: { '*': { '*': { eaReadyDelayMs, eaOpenEveryMs: 0 } } },
			timings: { heartbeatMs }
		});
		const { accountId } = assignedAccount();
		rig.web.accounts.set(accountId, assignedAccount({ accountId }));
		rig.startAgent();
		await rig.web.state(accountId, 'connected', ({ connection }) => connection === 'connected');
		const { commandId } = rig.web.command(accountId, 'start_ea');
		await waitFor('the ready stage', () =>
			rig.web.framesOf('progress').some(({ stage }) => stage === START_STAGES.ready)
		);
		await rig.stopAgent();
		expect(rig.web.resultsOf(commandId)).toEqual([]);
		rig.web.states.clear();
		return { accountId, commandId };
	}

	it('3.6: an interrupted Start that is seen to run is a success, and was not run again', async () => {
		// Late enough that its agent is gone by then.
		const { accountId, commandId } = await interrupted(15_000, 60_000);
		rig.startAgent();
		expect(await rig.web.result(commandId)).toMatchObject({ outcome: 'success', eaStatus: 'running' });
		await rig.web.state(accountId, 'running', ({ algo }) => algo === 'running');
		expect(await rig.loadsOf(accountId)).toBe(1);
	});

	it('3.6: an interrupted Start that does not come to run is indeterminate, and what is left of it is taken off', async () => {
		const { accountId, commandId } = await interrupted(60_000);
		rig.startAgent();
		expect(await rig.web.result(commandId)).toMatchObject({
			outcome: 'indeterminate',
			errorCode: 'interrupted'
		});
		await rig.web.state(accountId, 'stopped', ({ algo }) => algo === 'stopped');
	});

	it('3.6: an interrupted Start whose terminal is gone is indeterminate, and is not run again', async () => {
		const { accountId, commandId } = await interrupted(60_000);
		const process = await rig.processOf(accountId);
		if (process) await rig.terminal.launcher.kill(process);
		rig.startAgent();
		expect(await rig.web.result(commandId)).toMatchObject({ outcome: 'indeterminate' });
		// What is left of it on the chart may be seen before it is taken off.
		const isOff = ({ connection, algo }: SeenState) => connection === 'connected' && algo === 'stopped';
		await rig.web.state(accountId, 'connected and stopped', isOff);
	});

	/** Agents with terminals of these accounts, logged in. */
	async function connected(brokers: AgentRigOptions['brokers'] = {}, count = 1): Promise<string[]> {
		rig = await AgentRig.create({ brokers });
		const accounts = Array.from({ length: count }, () => assignedAccount());
		for (const account of accounts) rig.web.accounts.set(account.accountId, account);
		rig.startAgent();
		for (const { accountId } of accounts)
			await rig.web.state(accountId, 'connected', ({ connection }) => connection === 'connected');
		return accounts.map(({ accountId }) => accountId);
	}
	/** From now on no agent is let in, and none runs. */
	async function endAlone(): Promise<void> {
		rig.web.authorises = false;
		rig.web.socket?.terminate();
		await rig.stopAgent();
	}
	const position = { symbol: 'EURUSD', side: 'buy', lots: '0.10', magic: 770_001, hasStopLoss: true };
	/** @param closeCode 10018: the market is closed, so that a Stop stays at work */
	const behaviour = (closeCode: number | null) => ({
		'*': { '*': { eaOpenEveryMs: 0, seedPositions: [position], closeCode } }
	});
	async function stopAtWork(accountId: string): Promise<string> {
		const { commandId } = rig.web.command(accountId, 'stop_ea', { closePositions: true });
		await waitFor('the residual', () =>
			rig.web.framesOf('progress').some(({ proof }) => proof?.residualCount === 1)
		);
		return commandId;
	}

	it('R2: a Stop under way is carried out by the next agent while no server answers, and told later', async () => {
		const [accountId = ''] = await connected(behaviour(10018));
		const stop = await stopAtWork(accountId);
		await endAlone();
		await rig.brokers(behaviour(null));
		rig.startAgent();
		await waitFor('the Stop is done', () =>
			rig.log.some((line) => line.includes('command finished') && line.includes(stop))
		);
		expect(rig.agent?.isConnected).toBe(false);
		rig.web.authorises = true;
		expect(await rig.web.result(stop)).toMatchObject({
			outcome: 'success',
			proof: { isEaUnloaded: true, closedPositions: 1, residualCount: 0 }
		});
	});

	it('R2: a terminal that ended is brought up only when the server has named its account again', async () => {
		const [accountId = ''] = await connected();
		await endAlone();
		const ended = await rig.processOf(accountId);
		if (ended) await rig.terminal.launcher.kill(ended);
		rig.startAgent();
		const report = () => rig.agent?.reports().find((each) => each.accountId === accountId);
		await waitFor('the reason', () => report()?.state.fault?.code === 'server_unheard');
		expect(await rig.processOf(accountId)).toBeNull();
		rig.web.states.clear();
		rig.web.authorises = true;
		await rig.web.state(
			accountId,
			'connected',
			({ connection, fault }) => connection === 'connected' && !fault
		);
	});

	it('R2: an account that went elsewhere meanwhile leaves with the first sync, and is remembered no more', async () => {
		const [gone = '', kept = ''] = await connected({}, 2);
		const seen = () => rig.agent?.reports().map(({ accountId }) => accountId);
		await endAlone();
		rig.startAgent();
		await waitFor('both are looked after', () => seen()?.length === 2);
		rig.web.accounts.delete(gone);
		rig.web.authorises = true;
		await waitFor('its terminal is ended', async () => (await rig.processOf(gone)) === null);
		await endAlone();
		rig.startAgent();
		await waitFor('the other one is looked after', () => seen()?.includes(kept));
		expect(seen()).toEqual([kept]);
	});

	it('3.6: a Stop under way is taken up again by the next agent', async () => {
		const [accountId = ''] = await connected(behaviour(10018));
		const commandId = await stopAtWork(accountId);
		await rig.stopAgent();
		await rig.brokers(behaviour(null));
		rig.startAgent();
		expect(await rig.web.result(commandId)).toMatchObject({
			outcome: 'success',
			proof: { wasClosingAsked: true, residualCount: 0, closedPositions: 1 }
		});
	});

	it('T11: Stop of an account that waits for its turn to launch overtakes the queue', async () => {
		rig = await AgentRig.create({
			brokers: { '*': { '*': { startDelayMs: 4_000 } } },
			pace: { handshakeMs: 20_000 }
		});
		const accounts = Array.from({ length: 10 }, () => assignedAccount());
		for (const account of accounts) rig.web.accounts.set(account.accountId, account);
		rig.startAgent();
		await rig.web.connected();
		const last = accounts.at(-1)?.accountId ?? '';
		const start = rig.web.command(last, 'start_ea');
		await waitFor('the Start to be accepted', () =>
			rig.web.framesOf('progress').some(({ commandId }) => commandId === start.commandId)
		);
		const stopAt = performance.now();
		const pause = rig.web.command(last, 'pause_ea');
		expect(await rig.web.result(start.commandId)).toMatchObject({ outcome: 'superseded' });
		expect(await rig.web.result(pause.commandId)).toMatchObject({ outcome: 'success' });
		expect(performance.now() - stopAt).toBeLessThan(5_000);
	});
});
