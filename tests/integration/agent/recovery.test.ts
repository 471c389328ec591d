/** An agent that ends in the middle of a command: what the next one makes of it. */
import { afterEach, describe, expect, it } from 'vitest';
import { AgentRig } from '../../support/agentRig.ts';
import { assignedAccount } from '../../support/fakeWeb.ts';
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
		const { accountId, commandId } = await interrupted(5_000, 30_000);
		rig.startAgent();
		expect(await rig.web.result(commandId)).toMatchObject({ outcome: 'success', eaStatus: 'running' });
		await rig.web.state(accountId, 'running', ({ algo }) => algo === 'running');
		expect(rig.web.framesOf('progress').filter(({ stage }) => stage === START_STAGES.chart)).toHaveLength(1);
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
		const state = await rig.web.state(accountId, 'connected', ({ connection }) => connection === 'connected');
		expect(state.algo).toBe('stopped');
	});

	it('3.6: a Stop under way is taken up again by the next agent', async () => {
		const seed = { symbol: 'EURUSD', side: 'buy', lots: '0.10', magic: 770_001, hasStopLoss: true };
		const behaviour = (closeCode: number | null) => ({
			'*': { '*': { eaOpenEveryMs: 0, seedPositions: [seed], closeCode } }
		});
		rig = await AgentRig.create({ brokers: behaviour(10018) });
		const { accountId } = assignedAccount();
		rig.web.accounts.set(accountId, assignedAccount({ accountId }));
		rig.startAgent();
		await rig.web.state(accountId, 'connected', ({ connection }) => connection === 'connected');
		const { commandId } = rig.web.command(accountId, 'stop_ea', { closePositions: true });
		await waitFor('the residual', () =>
			rig.web.framesOf('progress').some(({ proof }) => proof?.residualCount === 1)
		);
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
