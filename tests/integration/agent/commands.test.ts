/** Commands on real simulated terminals, through the real link. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { RUNGS } from '#lib/domain/ladder.ts';
import { pressAlgoTrading } from '../../../agent/simulator/faults.ts';
import { AgentRig, type AgentRigOptions } from '../../support/agentRig.ts';
import { assignedAccount, SETTINGS } from '../../support/fakeWeb.ts';
import { readTerminalJournal } from '../../support/terminalJournal.ts';
import { waitFor } from '../../support/waitFor.ts';
import { START_STAGES } from '../../../agent/src/supervisor/startEa.ts';

describe('commands', () => {
	let rig: AgentRig;
	afterEach(() => rig.dispose());

	async function account(options: AgentRigOptions = {}, change: Parameters<typeof assignedAccount>[0] = {}) {
		rig = await AgentRig.create(options);
		const assigned = assignedAccount(change);
		rig.web.accounts.set(assigned.accountId, assigned);
		rig.startAgent();
		return assigned.accountId;
	}

	async function connectedAccount(options: AgentRigOptions = {}) {
		const accountId = await account(options);
		await rig.web.state(accountId, 'connected', ({ connection }) => connection === 'connected');
		return accountId;
	}

	async function runningAccount(options: AgentRigOptions = {}) {
		const accountId = await connectedAccount(options);
		const { commandId } = rig.web.command(accountId, 'start_ea');
		expect(await rig.web.result(commandId)).toMatchObject({ outcome: 'success' });
		return accountId;
	}

	const seed = (magic: number, hasStopLoss = true) => ({
		symbol: 'EURUSD',
		side: 'buy',
		lots: '0.10',
		magic,
		hasStopLoss
	});
	const withPositions = (more: Record<string, unknown> = {}): AgentRigOptions => ({
		brokers: {
			'*': {
				'*': {
					eaOpenEveryMs: 0,
					seedPositions: [seed(SETTINGS.expert.magic), seed(SETTINGS.expert.magic, false), seed(1)],
					...more
				}
			}
		}
	});

	it('F6: Start climbs to the top of the ladder; Stop takes the EA off, with proof', async () => {
		const accountId = await connectedAccount();
		const start = rig.web.command(accountId, 'start_ea');
		expect(await rig.web.result(start.commandId)).toMatchObject({
			outcome: 'success',
			errorCode: null,
			eaStatus: 'running'
		});
		const running = await rig.web.state(accountId, 'running', ({ algo }) => algo === 'running');
		expect(running.ladder).toEqual(Object.fromEntries(RUNGS.map((rung) => [rung, 'yes'])));
		expect(running.generation).toBe(start.generation);

		const stop = rig.web.command(accountId, 'stop_ea');
		expect(await rig.web.result(stop.commandId)).toMatchObject({
			outcome: 'success',
			eaStatus: 'stopped',
			proof: { isAlgoTradingOff: true, isEaUnloaded: true, wasClosingAsked: false }
		});
		await rig.web.state(accountId, 'stopped', ({ algo }) => algo === 'stopped');
	});

	it('T3: a refused login is reported, not tried again, and a Start fails with it', async () => {
		const accountId = await account({}, { password: 'wrong-password' });
		const refused = await rig.web.state(
			accountId,
			'refused',
			({ connection }) => connection === 'login_refused'
		);
		expect(refused.fault).toMatchObject({ code: 'login_refused' });
		const { commandId } = rig.web.command(accountId, 'start_ea');
		expect(await rig.web.result(commandId)).toMatchObject({ outcome: 'failed', errorCode: 'login_refused' });
		const journal = await readTerminalJournal(rig.dirOf(accountId));
		expect(journal.match(/authorization on .* failed/g)).toHaveLength(1);
		expect(await rig.processOf(accountId)).toBeNull();

		const before = rig.web.accounts.get(accountId);
		if (before) rig.web.assign({ ...before, password: 'right-password' });
		await rig.web.state(accountId, 'connected', ({ connection }) => connection === 'connected');
	});

	it('X14: the password is on the disk no more once the login is through, and never in the log', async () => {
		const password = 'canary-4711';
		const accountId = await account({}, { password });
		await rig.web.state(accountId, 'connected', ({ connection }) => connection === 'connected');
		// The report goes out with the first status; the wipe follows it within a poll and a sync of the disk.
		await waitFor(
			'start.ini to be wiped',
			async () => !(await readdir(rig.dirOf(accountId))).includes('start.ini')
		);
		const names = await readdir(rig.state.root, { recursive: true, withFileTypes: true });
		for (const entry of names.filter((each) => each.isFile())) {
			// Gone between listing and reading is gone.
			const content = await readFile(join(entry.parentPath, entry.name)).catch(() => Buffer.alloc(0));
			expect(content.includes(password), entry.name).toBe(false);
			expect(content.includes(Buffer.from(password, 'utf16le')), entry.name).toBe(false);
		}
		expect(rig.log.join('')).not.toContain(password);
	});

	it('F6: Pause switches Algo Trading off, keeps EA and positions, and counts the unprotected ones', async () => {
		const accountId = await runningAccount(withPositions());
		const { commandId } = rig.web.command(accountId, 'pause_ea');
		expect(await rig.web.result(commandId)).toMatchObject({
			outcome: 'success',
			eaStatus: 'paused',
			proof: { isAlgoTradingOff: true, isEaUnloaded: false, unprotectedPositions: 1 }
		});
		const paused = await rig.web.state(accountId, 'paused', ({ algo }) => algo === 'paused');
		expect(paused.ladder.ea_attached).toBe('yes');
		const figures = rig.agent?.reports()[0]?.figures;
		expect(figures).toMatchObject({ openPositions: 3, eaPositions: 2 });
	});

	it('F8: somebody switches Algo Trading on in a paused terminal; it is switched off again', async () => {
		const accountId = await runningAccount();
		await rig.web.result(rig.web.command(accountId, 'pause_ea').commandId);
		await pressAlgoTrading(rig.dirOf(accountId));
		await waitFor('the drift to be corrected', () =>
			rig.web.framesOf('event').find(({ code }) => code === 'drift_corrected')
		);
		await rig.web.state(accountId, 'paused', ({ algo }) => algo === 'paused');
	});

	it('F6: Stop with closing is done only when nothing of the EA is left; others’ positions stay', async () => {
		const accountId = await runningAccount(withPositions());
		const { commandId } = rig.web.command(accountId, 'stop_ea', { closePositions: true });
		expect(await rig.web.result(commandId)).toMatchObject({
			outcome: 'success',
			proof: {
				isAlgoTradingOff: true,
				isEaUnloaded: true,
				wasClosingAsked: true,
				closedPositions: 2,
				residualCount: 0
			}
		});
		expect(rig.agent?.reports()[0]?.figures).toMatchObject({ openPositions: 1, eaPositions: 0 });
	});

	it('T12: a closed market leaves residuals, which are listed and retried until gone', async () => {
		const accountId = await runningAccount(withPositions());
		await rig.brokers(withPositions({ closeCode: 10018 }).brokers);
		const { commandId } = rig.web.command(accountId, 'stop_ea', { closePositions: true });
		const progress = await waitFor('residuals', () =>
			rig.web.framesOf('progress').find(({ proof }) => proof?.residualCount === 2)
		);
		expect(progress.proof).toMatchObject({ isAlgoTradingOff: true, isEaUnloaded: true });
		expect(progress.proof?.residuals).toMatchObject([{ brokerCode: 10018 }, { brokerCode: 10018 }]);
		expect(rig.web.resultsOf(commandId)).toEqual([]);
		await rig.brokers(withPositions().brokers);
		expect(await rig.web.result(commandId)).toMatchObject({
			outcome: 'success',
			proof: { residualCount: 0, closedPositions: 2 }
		});
	});

	it('T12: what a closed market refused waits for its opening, and a newer command does not wait', async () => {
		const accountId = await runningAccount({ ...withPositions(), timings: { marketWaitMs: 60_000 } });
		await rig.brokers(withPositions({ isMarketClosed: true, marketOpensInMs: 3_600_000 }).brokers);
		const stop = rig.web.command(accountId, 'stop_ea', { closePositions: true });
		const tried = () => rig.web.framesOf('progress').filter(({ proof }) => proof?.residualCount === 2);
		const [first] = await waitFor('residuals', () => tried().length > 0 && tried());
		expect(first?.stage).toMatch(/^closing: 2 left, the market is closed and opens in (1 h [01]|60|59) min$/);
		const pause = rig.web.command(accountId, 'pause_ea');
		expect(await rig.web.result(stop.commandId)).toMatchObject({ outcome: 'superseded' });
		expect(await rig.web.result(pause.commandId)).toMatchObject({ outcome: 'success' });
	});

	it('T12: a market that opens before its calendar says so is not missed', async () => {
		const accountId = await runningAccount({ ...withPositions(), timings: { marketWaitMs: 1_500 } });
		await rig.brokers(withPositions({ isMarketClosed: true, marketOpensInMs: 3_600_000 }).brokers);
		const { commandId } = rig.web.command(accountId, 'stop_ea', { closePositions: true });
		await waitFor('residuals', () =>
			rig.web.framesOf('progress').some(({ proof }) => proof?.residualCount === 2)
		);
		await rig.brokers(withPositions().brokers);
		expect(await rig.web.result(commandId)).toMatchObject({
			outcome: 'success',
			proof: { residualCount: 0 }
		});
	});

	it('F8: Stop overtakes a running Start, which is superseded and leaves nothing', async () => {
		const accountId = await connectedAccount({ brokers: { '*': { '*': { eaReadyDelayMs: 60_000 } } } });
		const start = rig.web.command(accountId, 'start_ea');
		await waitFor('the ready stage', () =>
			rig.web.framesOf('progress').find(({ stage }) => stage === START_STAGES.ready)
		);
		const stop = rig.web.command(accountId, 'stop_ea');
		expect(await rig.web.result(start.commandId)).toMatchObject({ outcome: 'superseded' });
		expect(await rig.web.result(stop.commandId)).toMatchObject({ outcome: 'success', eaStatus: 'stopped' });
		expect(rig.web.states.get(accountId)?.algo).not.toBe('running');
	});

	it('T5: an EA that never reports ready fails the stage by name, and is undone', async () => {
		const accountId = await connectedAccount({
			brokers: { '*': { '*': { eaReadyDelayMs: 60_000 } } },
			timings: { readyMs: 1_000 }
		});
		const { commandId } = rig.web.command(accountId, 'start_ea');
		expect(await rig.web.result(commandId)).toMatchObject({
			outcome: 'failed',
			errorCode: 'ready_stage',
			eaStatus: 'stopped'
		});
		await rig.web.state(accountId, 'stopped', ({ algo }) => algo === 'stopped');
	});

	it.each([
		['a missing EA file', { path: 'MissingEa' }],
		['an unknown symbol', { symbol: 'NOSUCH' }]
	])('E3: %s fails at the chart stage', async (_what, expert) => {
		const accountId = await connectedAccount({ timings: { chartMs: 1_500 } });
		const before = rig.web.accounts.get(accountId);
		if (before)
			rig.web.assign({ ...before, settings: { ...SETTINGS, expert: { ...SETTINGS.expert, ...expert } } });
		const { commandId } = rig.web.command(accountId, 'start_ea');
		expect(await rig.web.result(commandId)).toMatchObject({ outcome: 'failed', errorCode: 'chart_stage' });
	});

	it('N5: the same command twice is run once, and answered twice', async () => {
		const accountId = await runningAccount();
		const before = rig.web.accounts.get(accountId);
		const [first] = rig.web.framesOf('result');
		if (!before || !first) throw new Error('no account, no result');
		await rig.acknowledged(first.commandId);
		const answered = rig.web.resultsOf(first.commandId).length;
		rig.web.send({
			type: 'command',
			commandId: first.commandId,
			accountId,
			generation: first.generation,
			epoch: 1,
			kind: 'start_ea',
			closePositions: false,
			settings: before.settings,
			notAfterMs: Date.now() + 15_000
		});
		const second = await waitFor('the second answer', () => rig.web.resultsOf(first.commandId)[answered]);
		expect({ ...second, id: '' }).toEqual({ ...first, id: '' });
		expect(await rig.loadsOf(accountId)).toBe(1);
	});

	it.each([3_600_000, -3_600_000])(
		'A9: with the server’s clock %d ms ahead, a fresh Start runs and a late one does not',
		async (clockOffsetMs) => {
			const accountId = await connectedAccount({ clockOffsetMs });
			const late = rig.web.command(accountId, 'start_ea', { timeLeftMs: -1 });
			expect(await rig.web.result(late.commandId)).toMatchObject({ outcome: 'expired' });
			const fresh = rig.web.command(accountId, 'start_ea');
			expect(await rig.web.result(fresh.commandId)).toMatchObject({ outcome: 'success' });
		}
	);

	it('N7: a Start whose time is up is answered expired and has no effect', async () => {
		const accountId = await connectedAccount();
		const { commandId } = rig.web.command(accountId, 'start_ea', { timeLeftMs: -1 });
		expect(await rig.web.result(commandId)).toMatchObject({ outcome: 'expired' });
		expect(rig.agent?.reports()[0]?.state.algo).toBe('stopped');
	});
});
