/**
 * What a command changes beside its own result: rules without I/O. The SQL of the command store follows them
 * (src/lib/server/commands/), and so does the store in memory of the simulation; the contract test of the store
 * holds both to them.
 */
import { isFinal, type CommandKind, type ResultStatus } from './commandLifecycle.ts';

export type Wanted = 'RUNNING' | 'PAUSED' | 'STOPPED';

/** What is wanted of an account from this command on. */
export const WANTED_BY: Record<CommandKind, Wanted> = {
	start_ea: 'RUNNING',
	pause_ea: 'PAUSED',
	stop_ea: 'STOPPED'
};

/** Whether a word on a result may still change it: by the agent it was sent to, and only while it is open. */
export function mayChange(
	result: { status: ResultStatus; agentId: string | null },
	change: { agentId: string }
): boolean {
	return !isFinal(result.status) && result.agentId === change.agentId;
}

/** A newer command takes the place of what was not sent yet; that it never ran is proven. */
export const isReplacedUnsent = (status: ResultStatus): boolean => status === 'waiting';

/** The wait for an agent is over: it may be sent, or sent again. */
export const mayRedeliver = (status: ResultStatus): boolean =>
	status === 'dispatched' || status === 'waiting' || status === 'timeout';

/**
 * What is wanted after a Start ended so, if it is still the account's newest command: one that failed leaves
 * nothing wanted running, one that never ran gives back what was wanted before.
 * @returns null when nothing changes
 */
export function wantedAfter(kind: CommandKind, status: ResultStatus, wantedBefore: Wanted): Wanted | null {
	if (kind !== 'start_ea') return null;
	if (status === 'failed') return 'STOPPED';
	return status === 'expired' ? wantedBefore : null;
}
