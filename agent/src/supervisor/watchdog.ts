/** What a supervisor must do of itself, from what was seen: pure rules, judged at every look. */
import { assertNever } from '#lib/domain/assertNever.ts';
import { type BridgeStatus } from '../bridge/contract.ts';
import { effectiveWanted, type Fence } from '../link/fences.ts';
import { type Timings } from './timings.ts';

export type RestartReason = 'hung' | 'silent' | 'logged_out' | 'asked';
export type Upkeep =
	/** No process: bring the terminal up. */
	| { kind: 'launch' }
	/** The bridge does not answer: open the channel to it anew, before anything harder. */
	| { kind: 'reinitialise' }
	/** The process is of no use, or its trader asked for it: end it, and bring the terminal up again. */
	| { kind: 'restart'; why: RestartReason }
	/** The trader disconnected the account: end the terminal, for good. */
	| { kind: 'disconnect' }
	/** Something runs that must not: take it off. */
	| { kind: 'converge'; to: 'PAUSED' | 'STOPPED' }
	/** The EA was confirmed running, and is not there any more. */
	| { kind: 'resume' }
	/** The EA is on its chart and does not beat any more: take it off and load it anew. */
	| { kind: 'redeploy' }
	/** It is gone or stuck, but the trader wants to be asked. */
	| { kind: 'ask' }
	/** The server is out of reach for longer than the trader lets the EA run without it. */
	| { kind: 'pause_without_server' };

export interface UpkeepFacts {
	isProcessUp: boolean;
	isHung: boolean;
	silentForMs: number;
	/** How long, within that silence, the terminal's journal did not grow either. */
	journalQuietForMs: number;
	wasReinitialised: boolean;
	loggedOutForMs: number;
	/** The EA may trade in an open market, and has not beaten for so long. */
	eaStaleForMs: number;
	/** Fresh, and of the right login; null otherwise. */
	status: BridgeStatus | null;
	fence: Fence;
	/** The EA was seen trading since the terminal came up: Algo Trading off is somebody's will then. */
	wasSeenTrading: boolean;
	mayResume: boolean;
	isConnectionWanted: boolean;
	/** The server has not named the account since this agent began: it may run elsewhere, and is brought nothing back. */
	isRemembered: boolean;
	controlLostForMs: number;
	timings: Timings;
}

/** @returns what to do, null when all is well or nothing can be done but wait */
export function judge(facts: UpkeepFacts): Upkeep | null {
	const { timings, status, fence } = facts;
	if (isLeftAlone(facts)) return { kind: 'pause_without_server' };
	// Off: what must not run is still taken off; nothing is brought up or back.
	const isOn = fence.policy.isWatchdogOn;
	const mayBringUp = isOn && !facts.isRemembered;
	const wanted = effectiveWanted(fence);
	// Nothing disconnects what is to run; a paused one whose terminal is down has no EA to keep.
	if (!facts.isConnectionWanted && fence.wanted !== 'RUNNING')
		return facts.isProcessUp ? { kind: 'disconnect' } : null;
	if (!facts.isProcessUp) return mayBringUp ? { kind: 'launch' } : null;
	if (isOn) {
		// What must not trade and does not answer is ended, even if it cannot be brought up again yet.
		const why = mayBringUp || wanted !== 'RUNNING' ? whyRestart(facts) : null;
		if (why) return { kind: 'restart', why };
		if (facts.silentForMs >= timings.reinitialiseMs && !facts.wasReinitialised)
			return { kind: 'reinitialise' };
	}
	if (!status) return null;
	switch (wanted) {
		case 'STOPPED':
			return status.ea || status.isTerminalTradeAllowed ? { kind: 'converge', to: 'STOPPED' } : null;
		case 'PAUSED':
			return status.isTerminalTradeAllowed ? { kind: 'converge', to: 'PAUSED' } : null;
		case 'RUNNING':
			if (isLeftover(fence, status)) return { kind: 'converge', to: 'STOPPED' };
			return mayBringUp && facts.mayResume ? whatToBringBack(facts, status) : null;
		default:
			return assertNever(wanted);
	}
}

/**
 * A bridge may stand still while OrderSend blocks it, so silence alone proves no hang: the window must hang too, or
 * the journal stand still, or the silence last for minutes.
 */
function whyRestart(facts: UpkeepFacts): 'hung' | 'silent' | 'logged_out' | null {
	const { silentForMs, timings } = facts;
	if (facts.isHung && silentForMs >= timings.hungMs) return 'hung';
	if (Math.min(silentForMs, facts.journalQuietForMs) >= timings.unresponsiveMs) return 'silent';
	if (silentForMs >= timings.silentAloneMs) return 'silent';
	return facts.loggedOutForMs >= timings.loggedOutMs ? 'logged_out' : null;
}

function whatToBringBack(facts: UpkeepFacts, status: BridgeStatus): Upkeep | null {
	const isGone = needsResume(facts, status);
	if (!isGone && !isStuck(facts, status)) return null;
	if (!facts.fence.policy.resumesByItself) return { kind: 'ask' };
	return { kind: isGone ? 'resume' : 'redeploy' };
}

/** Only the EA of a confirmed Start is loaded anew, and only as that. */
function isStuck({ fence, eaStaleForMs, timings }: UpkeepFacts, { ea }: BridgeStatus): boolean {
	const { confirmedGeneration, settings, hasGap } = fence;
	const isOurs = confirmedGeneration !== 0 && ea?.generation === confirmedGeneration;
	return isOurs && settings !== null && !hasGap && eaStaleForMs >= timings.eaStaleMs;
}

/**
 * An EA of a Start that was never confirmed, and nobody is at work on: it was cut short for a newer command, and
 * that one never came or came to nothing. Its Start was answered as not done, so it must not run.
 */
function isLeftover({ confirmedGeneration, maxGeneration }: Fence, { ea }: BridgeStatus): boolean {
	return ea !== null && ea.generation !== confirmedGeneration && ea.generation < maxGeneration;
}

function isLeftAlone({ fence, controlLostForMs, timings }: UpkeepFacts): boolean {
	const { pauseAfterLossMinutes } = fence.policy;
	return (
		pauseAfterLossMinutes !== null &&
		effectiveWanted(fence) === 'RUNNING' &&
		controlLostForMs >= pauseAfterLossMinutes * timings.controlLossMinuteMs
	);
}

/**
 * Only a Start that was confirmed comes back, and only as the same generation. A newer one that never reached this
 * agent takes nothing away: it expires, and what was wanted before is wanted again.
 */
function needsResume({ fence, wasSeenTrading }: UpkeepFacts, status: BridgeStatus): boolean {
	const { confirmedGeneration, settings, hasGap } = fence;
	if (confirmedGeneration === 0 || !settings || hasGap) return false;
	if (!status.isConnected) return false;
	if (status.ea?.generation !== confirmedGeneration) return true;
	return !status.isTerminalTradeAllowed && !wasSeenTrading;
}
