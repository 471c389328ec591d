/** What a supervisor must do of itself, from what was seen: pure rules, judged at every look. */
import { assertNever } from '#lib/domain/assertNever.ts';
import { type BridgeStatus } from '../bridge/contract.ts';
import { effectiveWanted, type Fence } from '../link/fences.ts';
import { type Timings } from './timings.ts';

export type Upkeep =
	/** No process: bring the terminal up. */
	| { kind: 'launch' }
	/** The process is of no use: end it, and bring the terminal up again. */
	| { kind: 'restart'; why: 'hung' | 'silent' | 'logged_out' }
	/** Something runs that must not: take it off. */
	| { kind: 'converge'; to: 'PAUSED' | 'STOPPED' }
	/** The EA was confirmed running, and is not there any more. */
	| { kind: 'resume' }
	/** The same, but the trader wants to be asked. */
	| { kind: 'ask' }
	/** The server is out of reach for longer than the trader lets the EA run without it. */
	| { kind: 'pause_without_server' };

export interface UpkeepFacts {
	isProcessUp: boolean;
	isHung: boolean;
	silentForMs: number;
	loggedOutForMs: number;
	/** Fresh, and of the right login; null otherwise. */
	status: BridgeStatus | null;
	fence: Fence;
	/** The EA was seen trading since the terminal came up: Algo Trading off is somebody's will then. */
	wasSeenTrading: boolean;
	mayResume: boolean;
	controlLostForMs: number;
	timings: Timings;
}

/** @returns what to do, null when all is well or nothing can be done but wait */
export function judge(facts: UpkeepFacts): Upkeep | null {
	const { timings, status, fence } = facts;
	if (isLeftAlone(facts)) return { kind: 'pause_without_server' };
	if (!facts.isProcessUp) return { kind: 'launch' };
	if (facts.silentForMs >= timings.unresponsiveMs)
		return { kind: 'restart', why: facts.isHung ? 'hung' : 'silent' };
	if (facts.loggedOutForMs >= timings.loggedOutMs) return { kind: 'restart', why: 'logged_out' };
	if (!status) return null;
	const wanted = effectiveWanted(fence);
	switch (wanted) {
		case 'STOPPED':
			return status.ea || status.isTerminalTradeAllowed ? { kind: 'converge', to: 'STOPPED' } : null;
		case 'PAUSED':
			return status.isTerminalTradeAllowed ? { kind: 'converge', to: 'PAUSED' } : null;
		case 'RUNNING':
			if (isLeftover(fence, status)) return { kind: 'converge', to: 'STOPPED' };
			if (!facts.mayResume || !needsResume(facts, status)) return null;
			return { kind: fence.policy.resumesByItself ? 'resume' : 'ask' };
		default:
			return assertNever(wanted);
	}
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
	const { confirmedGeneration, settings } = fence;
	if (confirmedGeneration === 0 || !settings) return false;
	if (!status.isConnected) return false;
	if (status.ea?.generation !== confirmedGeneration) return true;
	return !status.isTerminalTradeAllowed && !wasSeenTrading;
}
