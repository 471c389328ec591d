/**
 * Moving an account from one machine to another: rules without I/O. The old agent has it until that has proven that
 * its terminal is down; only then the new one gets it. Never do both.
 */
import type { WantedName } from './views.ts';

/** Why an agent must prove that nothing of an account runs on its machine any more. */
export const RELEASE_REASONS = ['move', 'machine_gone', 'deleted'] as const;
export type ReleaseReason = (typeof RELEASE_REASONS)[number];

export interface MoveFacts {
	wanted: WantedName;
	/** Results of the account that are at work, unknown, or wait for the agent. */
	openResults: number;
	/** What the old agent was asked, and said. */
	release: 'none' | 'asked' | 'proven';
	/** The target is approved, and neither locked nor revoked. */
	isTargetFit: boolean;
}

export type MoveStep =
	/** The algo may run: it is stopped first. */
	| 'stop'
	/** Something is still open on the old machine. */
	| 'await_settling'
	/** Nothing is: from now on the old agent is to end the terminal. */
	| 'ask_release'
	| 'await_release'
	/** The target may not take accounts (any more). */
	| 'await_target'
	/** Proven: the account goes over. */
	| 'finish';

export function nextMoveStep({ wanted, openResults, release, isTargetFit }: MoveFacts): MoveStep {
	if (release === 'proven') return isTargetFit ? 'finish' : 'await_target';
	if (release === 'asked') return 'await_release';
	if (wanted === 'RUNNING') return 'stop';
	// The account is not taken from where it is before there is a place for it.
	if (!isTargetFit) return 'await_target';
	return openResults > 0 ? 'await_settling' : 'ask_release';
}

/** What the move waits for, for the operator. */
export function moveWaitsFor(
	step: MoveStep,
	from: { name: string; isConnected: boolean | null },
	to: string
): string {
	const away = from.isConnected === true ? null : `waits for ${from.name}, which is not connected`;
	switch (step) {
		case 'stop':
			return 'stops the algo';
		case 'await_settling':
			return away ?? `waits for ${from.name} to stop the algo`;
		case 'ask_release':
		case 'await_release':
			return away ?? `waits for ${from.name} to close the terminal`;
		case 'await_target':
			return `waits for ${to}, which may not take accounts: choose another machine, or cancel`;
		case 'finish':
			return `goes over to ${to}`;
	}
}
