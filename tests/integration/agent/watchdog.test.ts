/** Crashes, restarts and neighbours, on real simulated terminals. */
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { crash, freezeEa, hang, logOut, showDialog, silenceBridge } from '../../../agent/simulator/faults.ts';
import { AgentRig, type AgentRigOptions } from '../../support/agentRig.ts';
import { assignedAccount } from '../../support/fakeWeb.ts';
import { waitFor } from '../../support/waitFor.ts';

describe('watchdog', () => {
	let rig: AgentRig;
	afterEach(() => rig.dispose());

	async function running(count: number, options: AgentRigOptions = {}) {
		rig = await AgentRig.create(options);
		const accounts = Array.from({ length: count }, () => assignedAccount());
		for (const account of accounts) rig.web.accounts.set(account.accountId, account);
		rig.startAgent();
		await rig.web.connected();
		const starts = accounts.map(({ accountId }) => rig.web.command(accountId, 'start_ea').commandId);
		for (const id of starts) expect(await rig.web.result(id)).toMatchObject({ outcome: 'success' });
		const ids = accounts.map(({ accountId }) => accountId);
		for (const id of ids) await rig.web.state(id, 'running', ({ algo }) => algo === 'running');
		return ids;
	}
	const idOf = async (accountId: string) => (await rig.processOf(accountId))?.pid;
	const only = (ids: string[]): string => ids[0] ?? '';

	it('T1: a crash is seen within ten seconds, and the EA comes back with the same generation', async () => {
		const accountId = only(await running(1));
		const generation = rig.web.states.get(accountId)?.generation;
		const crashedAt = performance.now();
		await crash(rig.dirOf(accountId));
		await rig.web.state(accountId, 'not running', ({ algo }) => algo !== 'running');
		expect(performance.now() - crashedAt).toBeLessThan(10_000);
		const back = await rig.web.state(accountId, 'running again', ({ algo }) => algo === 'running');
		expect(back.generation).toBe(generation);
		expect(rig.web.framesOf('event').map(({ code }) => code)).toEqual(
			expect.arrayContaining(['terminal_ended', 'terminal_restarted'])
		);
	});

	it('T1: an EA comes back also when a newer Start expired that never reached the agent', async () => {
		const accountId = only(await running(1));
		const account = rig.web.accounts.get(accountId);
		if (!account) throw new Error('the fake web forgot the account');
		const generation = account.generation;
		// The server counted a Start that was lost, and wants again what was wanted before.
		rig.web.assign({ ...account, generation: generation + 1, wanted: 'RUNNING' });
		await crash(rig.dirOf(accountId));
		await rig.web.state(accountId, 'not running', ({ algo }) => algo !== 'running');
		const back = await rig.web.state(accountId, 'running again', ({ algo }) => algo === 'running');
		expect(back.generation).toBe(generation);
	});

	/** The newest word on each incident, in the order of their beginning. */
	const incidents = () => [
		...new Map(rig.web.framesOf('incident').map((frame) => [frame.incidentId, frame])).values()
	];
	const ended = () => waitFor('the incident to end', () => incidents().find((each) => each.outcome !== null));

	it('E5: an incident is told from its beginning to the recovery, and shown meanwhile', async () => {
		const accountId = only(await running(1));
		await crash(rig.dirOf(accountId));
		const shown = await rig.web.state(accountId, 'an incident', ({ incident }) => Boolean(incident));
		expect(shown.incident).toMatchObject({ kind: 'terminal_ended' });
		const told = await ended();
		expect(told).toMatchObject({
			accountId,
			outcome: 'recovered',
			restarts: 1,
			incidentId: shown.incident?.id
		});
		expect(told.steps.map(({ action, error }) => [action, error])).toEqual([
			['restart_terminal', null],
			['resume_ea', null]
		]);
		const tookMs = told.startedAgeMs - (told.endedAgeMs ?? 0);
		expect(tookMs).toBeGreaterThan(0);
		expect(tookMs).toBeLessThan(30_000);
		expect(told.startedAgeMs - told.detectedAgeMs).toBeLessThan(10_000);
		await rig.web.state(accountId, 'no incident', ({ incident }) => incident === null);
		// A new line: told again, with the same name.
		const before = rig.web.framesOf('incident').length;
		rig.web.socket?.terminate();
		await waitFor('it to be told again', () => rig.web.framesOf('incident').length > before);
		expect(incidents()).toHaveLength(1);
	});

	it('E5: a dialog that keeps the terminal from answering is closed, and nothing is restarted', async () => {
		const accountId = only(await running(1));
		const before = await idOf(accountId);
		await showDialog(rig.dirOf(accountId));
		// Unknown it is for a moment only: the first look at a bridge that fell silent closes the dialog.
		const event = await waitFor('the dialog to be closed', () =>
			rig.web.framesOf('event').find(({ code }) => code === 'dialogs_closed')
		);
		expect(event.message).toContain('Open an Account');
		const told = await ended();
		expect(told).toMatchObject({ kind: 'bridge_silent', outcome: 'recovered', restarts: 0 });
		// A terminal that is slow to close it is told so more than once.
		expect(new Set(told.steps.map(({ action, error }) => `${action}: ${error}`))).toEqual(
			new Set(['close_dialogs: null'])
		);
		await rig.web.state(accountId, 'running again', ({ algo }) => algo === 'running');
		expect(await idOf(accountId)).toBe(before);
	});

	it('E5: an EA that stopped beating is loaded anew, as the same generation, in the same terminal', async () => {
		const accountId = only(await running(1, { timings: { eaStaleMs: 1_000 } }));
		const before = { pid: await idOf(accountId), generation: rig.web.states.get(accountId)?.generation };
		await freezeEa(rig.dirOf(accountId));
		await rig.web.state(accountId, 'degraded', ({ algo }) => algo === 'degraded');
		await rig.web.state(accountId, 'running again', ({ algo }) => algo === 'running');
		expect({ pid: await idOf(accountId), generation: rig.web.states.get(accountId)?.generation }).toEqual(
			before
		);
		expect(await ended()).toMatchObject({ kind: 'ea_stale', outcome: 'recovered' });
	});

	it('E5: while the market is closed, an EA that does not beat is left alone', async () => {
		const accountId = only(await running(1, { timings: { eaStaleMs: 500 } }));
		await rig.brokers({ '*': { '*': { isMarketClosed: true } } });
		await freezeEa(rig.dirOf(accountId));
		await rig.web.state(accountId, 'degraded', ({ ladder }) => ladder.heartbeat === 'no');
		await rig.brokers({});
		const reloads = () => rig.web.framesOf('event').filter(({ code }) => code === 'ea_stale');
		await waitFor('the reload to come with the market', () => incidents().length > 0 && reloads().length > 0);
		expect([incidents().length, reloads().length]).toEqual([1, 1]);
	});

	it('E5: switched off, the watchdog leaves a crashed terminal alone and says so; switched on, it takes it up', async () => {
		const accountId = only(await running(1));
		const account = rig.web.accounts.get(accountId) ?? assignedAccount();
		const switchTo = (isWatchdogOn: boolean, watchdogAskedAtMs: number) =>
			rig.web.assign({ ...account, policy: { ...account.policy, isWatchdogOn }, watchdogAskedAtMs });
		switchTo(false, 0);
		await rig.web.heard(account);
		await crash(rig.dirOf(accountId));
		const left = await rig.web.state(accountId, 'left alone', ({ fault }) => fault?.code === 'watchdog_off');
		expect(left).toMatchObject({ algo: 'down', activity: null });
		expect(await ended()).toMatchObject({ kind: 'terminal_ended', outcome: 'watchdog_off', restarts: 0 });
		expect(await rig.processOf(accountId)).toBeNull();
		switchTo(true, 1);
		await rig.web.state(accountId, 'running', ({ algo, fault }) => algo === 'running' && fault === null);
	});

	it('E5: the trader closes an open circuit by switching the watchdog on again', async () => {
		const accountId = only(await running(1, { timings: { restartBudget: 1 } }));
		await crash(rig.dirOf(accountId));
		await rig.web.state(accountId, 'not running', ({ algo }) => algo !== 'running');
		await rig.web.state(accountId, 'running', ({ algo }) => algo === 'running');
		await crash(rig.dirOf(accountId));
		await rig.web.state(accountId, 'given up', ({ fault }) => fault?.code === 'crash_loop');
		await waitFor('it to be told', () => incidents().some(({ outcome }) => outcome === 'given_up'));
		const account = rig.web.accounts.get(accountId) ?? assignedAccount();
		rig.web.assign({ ...account, watchdogAskedAtMs: 1 });
		await rig.web.state(accountId, 'running', ({ algo, fault }) => algo === 'running' && fault === null);
	});

	it('T3: a refused login is no reason to restart anything, however long it lasts', async () => {
		rig = await AgentRig.create({
			brokers: { '*': { '*': { password: 'another one' } } },
			timings: { hungMs: 100, unresponsiveMs: 200, silentAloneMs: 300, reinitialiseMs: 100, loggedOutMs: 100 }
		});
		const account = assignedAccount();
		rig.web.accounts.set(account.accountId, account);
		rig.startAgent();
		await rig.web.state(account.accountId, 'refused', ({ connection }) => connection === 'login_refused');
		const launches = () => rig.log.filter((line) => line.includes('"terminal launched"')).length;
		const before = launches();
		const reports = rig.web.framesOf('telemetry').length;
		await waitFor('another report', () => rig.web.framesOf('telemetry').length > reports + 1);
		expect(launches()).toBe(before);
		expect(before).toBeLessThanOrEqual(2);
		expect(await rig.processOf(account.accountId)).toBeNull();
	});

	it('E2: killing one terminal leaves the others untouched', async () => {
		const [victim = '', neighbour = ''] = await running(2);
		const before = await idOf(neighbour);
		const seen: string[] = [];
		const process = await rig.processOf(victim);
		if (process) await rig.terminal.launcher.kill(process);
		await rig.web.state(victim, 'gone', ({ algo }) => {
			seen.push(rig.web.states.get(neighbour)?.algo ?? '');
			return algo !== 'running';
		});
		await rig.web.state(victim, 'back', ({ algo }) => {
			seen.push(rig.web.states.get(neighbour)?.algo ?? '');
			return algo === 'running';
		});
		expect(new Set(seen)).toEqual(new Set(['running']));
		expect(await idOf(neighbour)).toBe(before);
	});

	it('F8: an agent that is restarted adopts its terminals with unchanged processes', async () => {
		const ids = await running(2);
		const before = await Promise.all(ids.map(idOf));
		await rig.stopAgent();
		rig.web.states.clear();
		rig.startAgent();
		for (const id of ids) await rig.web.state(id, 'running', ({ algo }) => algo === 'running');
		expect(await Promise.all(ids.map(idOf))).toEqual(before);
		expect(await Promise.all(ids.map((id) => rig.loadsOf(id)))).toEqual([1, 1]);
	});

	it('F8: agent and terminals end together; what was confirmed running comes back by itself', async () => {
		const accountId = only(await running(1));
		await rig.stopAgent();
		const process = await rig.processOf(accountId);
		if (process) await rig.terminal.launcher.kill(process);
		rig.web.states.clear();
		rig.startAgent();
		await rig.web.state(accountId, 'running', ({ algo }) => algo === 'running');
	});

	it('F8: what was stopped stays stopped after a restart of everything', async () => {
		const accountId = only(await running(1));
		await rig.web.result(rig.web.command(accountId, 'stop_ea').commandId);
		await rig.stopAgent();
		const process = await rig.processOf(accountId);
		if (process) await rig.terminal.launcher.kill(process);
		rig.web.states.clear();
		rig.startAgent();
		const state = await rig.web.state(accountId, 'connected', ({ connection }) => connection === 'connected');
		expect(state.algo).toBe('stopped');
	});

	it('E5: a terminal that keeps crashing is given up, and a Start tries again', async () => {
		const accountId = only(await running(1, { timings: { restartBudget: 1 } }));
		await crash(rig.dirOf(accountId));
		await rig.web.state(accountId, 'not running', ({ algo }) => algo !== 'running');
		await rig.web.state(accountId, 'running', ({ algo }) => algo === 'running');
		await crash(rig.dirOf(accountId));
		const state = await rig.web.state(accountId, 'given up', ({ fault }) => fault?.code === 'crash_loop');
		expect(state).toMatchObject({ algo: 'down', connection: 'down' });
		const { commandId } = rig.web.command(accountId, 'start_ea');
		expect(await rig.web.result(commandId)).toMatchObject({ outcome: 'success' });
	});

	it('T2: a hung terminal is unknown, never running, and is restarted after its limit', async () => {
		const accountId = only(await running(1, { timings: { hungMs: 8_000 } }));
		const before = await idOf(accountId);
		await hang(rig.dirOf(accountId));
		const hung = await rig.web.state(accountId, 'unknown', ({ algo }) => algo === 'unknown');
		expect(hung.ladder.algo_trading).toBe('unknown');
		await rig.web.state(accountId, 'running', ({ algo }) => algo === 'running');
		expect(await idOf(accountId)).not.toBe(before);
	});

	it('T2: Stop on a hung terminal ends it, and says that positions could not be counted', async () => {
		const accountId = only(await running(1, { timings: { silentMs: 6_000 } }));
		await hang(rig.dirOf(accountId));
		await rig.web.state(accountId, 'unknown', ({ algo }) => algo === 'unknown');
		const { commandId } = rig.web.command(accountId, 'stop_ea');
		expect(await rig.web.result(commandId)).toMatchObject({
			outcome: 'success',
			proof: { isAlgoTradingOff: true, isEaUnloaded: true, isCounted: false }
		});
	});

	it('T7: a silent bridge is reported as unknown, and running again once it speaks', async () => {
		const accountId = only(await running(1));
		await silenceBridge(rig.dirOf(accountId), 10_000);
		const silent = await rig.web.state(accountId, 'unknown', ({ algo }) => algo === 'unknown');
		expect(silent.fault?.code).toBe('bridge_silent');
		await rig.web.state(accountId, 'running', ({ algo, fault }) => algo === 'running' && fault === null);
	});

	it('E5: a terminal that was logged out is logged in again', async () => {
		const accountId = only(await running(1, { timings: { loggedOutMs: 500 } }));
		await logOut(rig.dirOf(accountId));
		await rig.web.state(accountId, 'not connected', ({ connection }) => connection !== 'connected');
		await rig.web.state(accountId, 'running', ({ algo }) => algo === 'running');
	});

	it('O5: an account that is taken away has its terminal ended and its directory removed', async () => {
		const [gone = '', stays = ''] = await running(2);
		rig.web.remove(gone);
		await waitFor('the directory to go', () => !existsSync(rig.dirOf(gone)));
		expect(await rig.processOf(gone)).toBeNull();
		expect(rig.web.states.get(stays)?.algo).toBe('running');
	});

	it('O4: terminals of accounts that went away while the agent was down are ended first', async () => {
		const [gone = '', stays = ''] = await running(2);
		await rig.stopAgent();
		rig.web.accounts.delete(gone);
		rig.startAgent();
		await waitFor('the directory to go', () => !existsSync(rig.dirOf(gone)));
		expect(await rig.processOf(gone)).toBeNull();
		expect(await rig.processOf(stays)).not.toBeNull();
	});

	it('S6: STOP_ALL stops every EA without the server, and nothing brings it back', async () => {
		const ids = await running(2);
		await rig.web.close();
		const answers = await rig.agent?.haltAll();
		expect(answers?.map(({ isProven }) => isProven)).toEqual([true, true]);
		for (const report of rig.agent?.reports() ?? []) expect(report.state.algo).toBe('stopped');
		expect(ids).toHaveLength(2);
	});

	it('S6: STOP_ALL before the first sync of a new agent holds as well: nothing comes back', async () => {
		const [accountId = ''] = await running(1);
		await rig.stopAgent();
		rig.web.states.clear();
		rig.startAgent();
		// The server, which knows nothing of it, says RUNNING a moment later.
		expect(await rig.agent?.haltAll()).toEqual([{ accountId, isProven: true, isKept: true }]);
		await rig.web.state(accountId, 'connected', ({ connection }) => connection === 'connected');
		const isRestarted = () => rig.web.framesOf('event').some(({ code }) => code === 'terminal_restarted');
		await crash(rig.dirOf(accountId));
		await waitFor('the terminal to be back', isRestarted);
		const backAt = performance.now();
		await waitFor('time for the EA to come back', () => performance.now() - backAt > 2_000);
		expect(rig.web.states.get(accountId)?.algo).toBe('stopped');
		expect(rig.web.framesOf('event').map(({ code }) => code)).not.toContain('ea_resumed');
	});
});
