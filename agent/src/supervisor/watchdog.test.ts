import { describe, expect, it } from 'vitest';
import { type BridgeStatus } from '../bridge/contract.ts';
import { DEFAULT_POLICY } from '#lib/domain/accountPolicy.ts';
import { type Fence } from '../link/fences.ts';
import { DEFAULT_TIMINGS } from './timings.ts';
import { judge, type UpkeepFacts } from './watchdog.ts';

const settings = {
	maxLotSize: '0.10',
	maxLoss: '500',
	safetyMode: 'GREEN' as const,
	closePositionsOnStop: false,
	expert: { path: 'Quintet\\EATemplate', symbol: 'EURUSD', timeframe: 'H1' as const, magic: 7 }
};
const fence = (change: Partial<Fence> = {}): Fence => ({
	epoch: 1,
	releasedEpoch: 0,
	maxGeneration: 3,
	wanted: 'RUNNING',
	confirmedGeneration: 3,
	failedGeneration: 0,
	settings,
	loginMark: null,
	refused: null,
	process: null,
	policy: DEFAULT_POLICY,
	isPausedWithoutServer: false,
	hasGap: false,
	forgottenGeneration: 0,
	account: null,
	...change
});
const status = (
	generation: number | null,
	isTerminalTradeAllowed: boolean,
	isConnected = true
): BridgeStatus =>
	({ isConnected, isTerminalTradeAllowed, ea: generation === null ? null : { generation } }) as BridgeStatus;
const facts = (change: Partial<UpkeepFacts> = {}): UpkeepFacts => ({
	isProcessUp: true,
	isHung: false,
	silentForMs: 0,
	journalQuietForMs: 0,
	wasReinitialised: false,
	loggedOutForMs: 0,
	eaStaleForMs: 0,
	status: status(3, true),
	fence: fence(),
	wasSeenTrading: true,
	mayResume: true,
	isConnectionWanted: true,
	isRemembered: false,
	controlLostForMs: 0,
	timings: DEFAULT_TIMINGS,
	...change
});

describe('judge', () => {
	it('A5: brings nothing back when commands went by that this journal does not know', () => {
		const gone = { status: status(null, false), wasSeenTrading: false };
		expect(judge(facts(gone))).toEqual({ kind: 'resume' });
		expect(judge(facts({ ...gone, fence: fence({ hasGap: true }) }))).toBeNull();
		// What runs, runs on, also when it is stuck: taken off, it could not be brought back.
		expect(judge(facts({ fence: fence({ hasGap: true }) }))).toBeNull();
		expect(judge(facts({ eaStaleForMs: 1e9, fence: fence({ hasGap: true }) }))).toBeNull();
	});

	it('A4: pauses what runs when the server is away for as long as the policy says, and not before', () => {
		const guarded = fence({ policy: { ...DEFAULT_POLICY, pauseAfterLossMinutes: 10 } });
		expect(judge(facts({ fence: guarded, controlLostForMs: 599_999 }))).toBeNull();
		const lost = { fence: guarded, controlLostForMs: 600_000 };
		expect(judge(facts(lost))).toEqual({ kind: 'pause_without_server' });
		expect(judge(facts({ ...lost, isProcessUp: false }))).toEqual({ kind: 'pause_without_server' });
	});

	it('A4: keeps what runs without such a policy, and touches nothing that does not run', () => {
		const away = { controlLostForMs: 1e9 };
		expect(judge(facts(away))).toBeNull();
		const policy = { ...DEFAULT_POLICY, pauseAfterLossMinutes: 1 };
		const stopped = fence({ policy, wanted: 'STOPPED', confirmedGeneration: 0 });
		expect(judge(facts({ ...away, fence: stopped, status: status(null, false) }))).toBeNull();
	});

	it('A4: keeps paused what was paused without the server, also when the server is back', () => {
		const paused = fence({ isPausedWithoutServer: true });
		expect(judge(facts({ fence: paused }))).toEqual({ kind: 'converge', to: 'PAUSED' });
		expect(judge(facts({ fence: paused, status: status(null, false) }))).toBeNull();
	});

	it('A3: asks instead of bringing an EA back, where the trader wants to be asked', () => {
		const asking = fence({ policy: { ...DEFAULT_POLICY, resumesByItself: false } });
		expect(judge(facts({ fence: asking, status: status(null, false) }))).toEqual({ kind: 'ask' });
	});

	it('is content with an EA that runs as wanted', () => {
		expect(judge(facts())).toBeNull();
	});

	it('launches a terminal that is down, whatever is wanted', () => {
		for (const wanted of ['RUNNING', 'PAUSED', 'STOPPED'] as const)
			expect(judge(facts({ isProcessUp: false, status: null, fence: fence({ wanted }) }))).toEqual({
				kind: 'launch'
			});
	});

	const silent = (silentForMs: number, more: Partial<UpkeepFacts> = {}) =>
		judge(facts({ silentForMs, wasReinitialised: true, status: null, ...more }));

	it('E5: tries to reach a silent bridge before it ends the terminal, once per silence', () => {
		const { reinitialiseMs } = DEFAULT_TIMINGS;
		expect(silent(reinitialiseMs - 1, { wasReinitialised: false })).toBeNull();
		expect(silent(reinitialiseMs, { wasReinitialised: false })).toEqual({ kind: 'reinitialise' });
		expect(silent(reinitialiseMs)).toBeNull();
	});

	it('T2: restarts a silent terminal whose window hangs, or whose journal stands still', () => {
		const { hungMs, unresponsiveMs } = DEFAULT_TIMINGS;
		expect(silent(hungMs - 1, { isHung: true })).toBeNull();
		expect(silent(hungMs, { isHung: true })).toEqual({ kind: 'restart', why: 'hung' });
		expect(silent(unresponsiveMs - 1, { journalQuietForMs: unresponsiveMs - 1 })).toBeNull();
		expect(silent(unresponsiveMs, { journalQuietForMs: unresponsiveMs })).toEqual({
			kind: 'restart',
			why: 'silent'
		});
	});

	it('T2: takes silence alone for no hang while the journal grows, until it lasts for minutes', () => {
		const { unresponsiveMs, silentAloneMs } = DEFAULT_TIMINGS;
		expect(silent(unresponsiveMs, { journalQuietForMs: 1_000 })).toBeNull();
		expect(silent(silentAloneMs - 1, { journalQuietForMs: 1_000 })).toBeNull();
		expect(silent(silentAloneMs, { journalQuietForMs: 1_000 })).toEqual({ kind: 'restart', why: 'silent' });
	});

	it('E5: loads an EA anew that is on its chart and does not beat, and no other', () => {
		const { eaStaleMs } = DEFAULT_TIMINGS;
		expect(judge(facts({ eaStaleForMs: eaStaleMs - 1 }))).toBeNull();
		expect(judge(facts({ eaStaleForMs: eaStaleMs }))).toEqual({ kind: 'redeploy' });
		expect(judge(facts({ eaStaleForMs: eaStaleMs, mayResume: false }))).toBeNull();
		const asking = fence({ policy: { ...DEFAULT_POLICY, resumesByItself: false } });
		expect(judge(facts({ eaStaleForMs: eaStaleMs, fence: asking }))).toEqual({ kind: 'ask' });
		const unconfirmed = fence({ confirmedGeneration: 0 });
		expect(judge(facts({ eaStaleForMs: eaStaleMs, fence: unconfirmed }))).toBeNull();
	});

	it('E5: switched off, it restarts, resumes and reloads nothing, and still takes off what must not run', () => {
		const off = { ...DEFAULT_POLICY, isWatchdogOn: false };
		const left = fence({ policy: off });
		expect(judge(facts({ fence: left, isProcessUp: false, status: null }))).toBeNull();
		expect(silent(1e9, { fence: left, isHung: true, wasReinitialised: false })).toBeNull();
		expect(judge(facts({ fence: left, loggedOutForMs: 1e9, status: null }))).toBeNull();
		expect(judge(facts({ fence: left, status: status(null, false) }))).toBeNull();
		expect(judge(facts({ fence: left, eaStaleForMs: 1e9 }))).toBeNull();
		const stopped = fence({ policy: off, wanted: 'STOPPED', confirmedGeneration: 0 });
		expect(judge(facts({ fence: stopped }))).toEqual({ kind: 'converge', to: 'STOPPED' });
	});

	it('brings back a confirmed EA that is gone, and no other', () => {
		const gone = status(null, false);
		expect(judge(facts({ status: gone }))).toEqual({ kind: 'resume' });
		expect(judge(facts({ status: gone, fence: fence({ confirmedGeneration: 0 }) }))).toBeNull();
		expect(judge(facts({ status: gone, mayResume: false }))).toBeNull();
		expect(judge(facts({ status: status(null, false, false) }))).toBeNull();
	});

	it('brings back what was confirmed also when a newer Start expired unheard', () => {
		const expired = fence({ maxGeneration: 4, confirmedGeneration: 3 });
		expect(judge(facts({ status: status(null, false), fence: expired }))).toEqual({ kind: 'resume' });
	});

	it('leaves a button alone that somebody pressed while the EA was trading', () => {
		expect(judge(facts({ status: status(3, false), wasSeenTrading: true }))).toBeNull();
		expect(judge(facts({ status: status(3, false), wasSeenTrading: false }))).toEqual({ kind: 'resume' });
	});

	it('takes off what must not run', () => {
		const stopped = fence({ wanted: 'STOPPED', confirmedGeneration: 0 });
		expect(judge(facts({ fence: stopped }))).toEqual({ kind: 'converge', to: 'STOPPED' });
		expect(judge(facts({ fence: stopped, status: status(null, true) }))).toEqual({
			kind: 'converge',
			to: 'STOPPED'
		});
		expect(judge(facts({ fence: stopped, status: status(null, false) }))).toBeNull();
		const paused = fence({ wanted: 'PAUSED', confirmedGeneration: 0 });
		expect(judge(facts({ fence: paused }))).toEqual({ kind: 'converge', to: 'PAUSED' });
		expect(judge(facts({ fence: paused, status: status(3, false) }))).toBeNull();
	});

	it('takes off the EA of a Start that failed, though it is still called wanted', () => {
		expect(judge(facts({ fence: fence({ confirmedGeneration: 0, failedGeneration: 3 }) }))).toEqual({
			kind: 'converge',
			to: 'STOPPED'
		});
	});

	it('takes off the EA of a Start that was cut short for one that never came, and leaves a confirmed one', () => {
		const superseded = fence({ maxGeneration: 7, confirmedGeneration: 0 });
		const running = status(6, true);
		expect(judge(facts({ fence: superseded, status: running }))).toEqual({ kind: 'converge', to: 'STOPPED' });
		const confirmed = fence({ maxGeneration: 7, confirmedGeneration: 6 });
		expect(judge(facts({ fence: confirmed, status: running }))).toBeNull();
	});

	it.each(['STOPPED', 'PAUSED'] as const)(
		'C3: a disconnected account that is wanted %s has no terminal, watchdog on or off',
		(wanted) => {
			for (const isWatchdogOn of [true, false]) {
				const policy = { ...DEFAULT_POLICY, isWatchdogOn };
				const away = { isConnectionWanted: false, fence: fence({ wanted, policy }) };
				expect(judge(facts(away))).toEqual({ kind: 'disconnect' });
				expect(judge(facts({ ...away, isHung: true, silentForMs: 1e9 }))).toEqual({ kind: 'disconnect' });
				expect(judge(facts({ ...away, isProcessUp: false, status: null }))).toBeNull();
			}
		}
	);

	it('C3: what is to run is not disconnected, and is brought up', () => {
		expect(judge(facts({ isConnectionWanted: false }))).toBeNull();
		expect(judge(facts({ isConnectionWanted: false, isProcessUp: false, status: null }))).toEqual({
			kind: 'launch'
		});
	});

	it('R2: before the server has named the account, what must not run is taken off, and nothing is brought up', () => {
		const isRemembered = true;
		const down = { isProcessUp: false, status: null };
		expect(judge(facts({ isRemembered, ...down }))).toBeNull();
		expect(judge(facts({ isRemembered, status: status(null, false), wasSeenTrading: false }))).toBeNull();
		expect(judge(facts({ isRemembered, fence: fence({ wanted: 'PAUSED' }) }))).toEqual({
			kind: 'converge',
			to: 'PAUSED'
		});
		const policy = { ...DEFAULT_POLICY, pauseAfterLossMinutes: 1 };
		const lost = { fence: fence({ policy }), controlLostForMs: DEFAULT_TIMINGS.controlLossMinuteMs };
		expect(judge(facts({ isRemembered, ...lost }))).toEqual({ kind: 'pause_without_server' });
		// It cannot be brought up again: ended only if it must not trade.
		const hung = { isHung: true, silentForMs: 1e9, wasReinitialised: true, status: null };
		expect(judge(facts({ isRemembered, ...hung }))).toBeNull();
		expect(judge(facts({ isRemembered, ...hung, fence: fence({ wanted: 'STOPPED' }) }))).toEqual({
			kind: 'restart',
			why: 'hung'
		});
	});
});
