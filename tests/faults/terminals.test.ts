/** T4, T6, T8–T10: terminals that do other than they are told. The other T rows: docs/faults.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { blockButton } from '../../agent/simulator/faults.ts';
import { AgentRig, type AgentRigOptions } from '../support/agentRig.ts';
import { assignedAccount } from '../support/fakeWeb.ts';
import { waitFor } from '../support/waitFor.ts';

let rig: AgentRig;
afterEach(() => rig.dispose());

async function assigned(count: number, options: AgentRigOptions = {}) {
	rig = await AgentRig.create(options);
	const accounts = Array.from({ length: count }, () => assignedAccount());
	for (const account of accounts) rig.web.accounts.set(account.accountId, account);
	rig.startAgent();
	await rig.web.connected();
	return accounts;
}
/** Ends a process, and waits for that without letting go of this one, in which the agent runs. */
function endNow(pid: number): void {
	const hasEnded = () => {
		try {
			return /\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
		} catch {
			return true;
		}
	};
	process.kill(pid, 'SIGKILL');
	while (!hasEnded()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}
const isConnected = (accountId: string) =>
	rig.web.state(accountId, 'connected', ({ connection }) => connection === 'connected');

describe('T4: the terminal takes no press of the Algo Trading button', () => {
	it('a Start fails by name and is undone; nothing is called running', async () => {
		const [{ accountId } = assignedAccount()] = await assigned(1, { timings: { algoTradingMs: 1_000 } });
		await isConnected(accountId);
		await blockButton(rig.dirOf(accountId), 60_000);
		const { commandId } = rig.web.command(accountId, 'start_ea');
		expect(await rig.web.result(commandId)).toMatchObject({
			outcome: 'failed',
			errorCode: 'algo_trading_refused',
			eaStatus: 'stopped'
		});
		expect(
			rig.web.received.some((f) => f.type === 'telemetry' && JSON.stringify(f).includes('"running"'))
		).toBe(false);
	});

	it('a Pause is done only when the button was seen to be off', async () => {
		const [{ accountId } = assignedAccount()] = await assigned(1);
		await isConnected(accountId);
		const start = rig.web.command(accountId, 'start_ea');
		expect(await rig.web.result(start.commandId)).toMatchObject({ outcome: 'success' });
		await blockButton(rig.dirOf(accountId), 600_000);
		const pause = rig.web.command(accountId, 'pause_ea');
		await waitFor('the reason to be told', () =>
			rig.web.framesOf('progress').some(({ stage }) => stage.includes('could not be switched'))
		);
		expect(rig.web.resultsOf(pause.commandId)).toEqual([]);
		await blockButton(rig.dirOf(accountId), 0);
		expect(await rig.web.result(pause.commandId)).toMatchObject({
			outcome: 'success',
			proof: { isAlgoTradingOff: true }
		});
	});
});

describe('T6: another account opens in the terminal', () => {
	it('it is closed, named, and not tried again until the credentials change', async () => {
		rig = await AgentRig.create({ brokers: { '*': { '*': { opensAs: '99999' } } } });
		const account = assignedAccount();
		rig.web.accounts.set(account.accountId, account);
		rig.startAgent();
		await rig.web.connected();
		const { accountId } = account;
		const state = await rig.web.state(accountId, 'refused', ({ fault }) => fault?.code === 'wrong_account');
		expect(state.algo).not.toBe('running');
		const { commandId } = rig.web.command(accountId, 'start_ea');
		expect(await rig.web.result(commandId)).toMatchObject({ outcome: 'failed', errorCode: 'wrong_account' });
		await waitFor('the terminal to be closed', async () => (await rig.processOf(accountId)) === null);
		// Figures of another account are nobody's figures.
		expect(rig.agent?.reports().find((report) => report.accountId === accountId)?.figures).toBeNull();
	});
});

describe('T8, T9: a terminal that the agent did not start', () => {
	it('T8: one that runs in the directory already is used; no second one is launched', async () => {
		const [{ accountId } = assignedAccount()] = await assigned(1);
		await isConnected(accountId);
		const first = await rig.processOf(accountId);
		await rig.stopAgent();
		rig.web.states.clear();
		rig.startAgent();
		await isConnected(accountId);
		const { commandId } = rig.web.command(accountId, 'start_ea');
		expect(await rig.web.result(commandId)).toMatchObject({ outcome: 'success' });
		expect(await rig.processOf(accountId)).toEqual(first);
		// The two starts of the first login.
		expect(rig.log.filter((line) => line.includes('"terminal launched"'))).toHaveLength(2);
	});

	it('T9: one that restarts itself is adopted under its new process, and its EA comes back', async () => {
		const [{ accountId } = assignedAccount()] = await assigned(1);
		await isConnected(accountId);
		const { commandId } = rig.web.command(accountId, 'start_ea');
		expect(await rig.web.result(commandId)).toMatchObject({ outcome: 'success' });
		await rig.web.state(accountId, 'running', ({ algo }) => algo === 'running');
		const told = rig.web.received.length;
		const old = await rig.processOf(accountId);
		if (!old) throw new Error('no terminal');
		// As LiveUpdate does: away, and back at once, by its own hand. Nobody else gets a turn in between.
		const dir = rig.dirOf(accountId);
		endNow(old.pid);
		const next = await rig.terminal.launcher.launch(dir, ['/portable', `/config:${join(dir, 'launch.ini')}`]);
		// In everything that was told: the next word may come before anybody looked at this one.
		const algos = () =>
			rig.web.received
				.slice(told)
				.flatMap((frame) => (frame.type === 'telemetry' ? frame.accounts : []))
				.flatMap(({ state }) => state?.algo ?? []);
		await waitFor('it to be seen away', () => algos().some((algo) => algo !== 'running'));
		await rig.web.state(accountId, 'running again', ({ algo }) => algo === 'running');
		expect(await rig.processOf(accountId)).toEqual(next);
		expect(rig.web.framesOf('event').map(({ code }) => code)).toContain('terminal_replaced');
		// The two starts of the first login; none of the agent's own after it.
		expect(rig.log.filter((line) => line.includes('"terminal launched"'))).toHaveLength(2);
	});
});

describe('T10: one of many hangs', () => {
	it('holds up nobody else: the others start, and stop, as if it were not there', async () => {
		// Longer than the others need on any machine.
		rig = await AgentRig.create({ timings: { loginMs: 600_000, deploymentMs: 600_000 } });
		const accounts = Array.from({ length: 6 }, () => assignedAccount());
		const [slow = assignedAccount(), ...others] = accounts;
		await rig.brokers({ '*': { [slow.accountNumber]: { startDelayMs: 600_000 } } });
		for (const account of accounts) rig.web.accounts.set(account.accountId, account);
		rig.startAgent();
		await rig.web.connected();
		const stuck = rig.web.command(slow.accountId, 'start_ea');
		const starts = others.map(({ accountId }) => rig.web.command(accountId, 'start_ea').commandId);
		for (const id of starts) expect(await rig.web.result(id)).toMatchObject({ outcome: 'success' });
		const stops = others.map(({ accountId }) => rig.web.command(accountId, 'stop_ea').commandId);
		for (const id of stops) expect(await rig.web.result(id)).toMatchObject({ outcome: 'success' });
		expect(rig.web.resultsOf(stuck.commandId)).toEqual([]);
		// Not even its own Pause waits for it.
		const pause = rig.web.command(slow.accountId, 'pause_ea');
		expect(await rig.web.result(stuck.commandId)).toMatchObject({ outcome: 'superseded' });
		expect(rig.web.resultsOf(pause.commandId).every(({ outcome }) => outcome === 'success')).toBe(true);
	});
});
