/**
 * The guards that keep a command from running, asked on receipt and again right before every effect. They
 * stand here by themselves so that the simulation can leave one out and show that it is missed; nothing else
 * may.
 */
import { effectiveWanted, type Fence } from './fences.ts';
import { type ServerTime } from './serverTime.ts';

export interface CommandRules {
	/** A newer command of the account was heard of. */
	isSuperseded(command: { generation: number }, maxGeneration: number): boolean;
	/** What was confirmed may come back by itself: nothing that was heard of since takes it away. */
	mayComeBack(start: { generation: number }, fence: Fence): boolean;
	/** @param notAfterMs moment of the server's time; a Start without one is none of our server's */
	isTooLate(notAfterMs: number | null, serverTime: Pick<ServerTime, 'mayBePast'>): boolean;
}

export const COMMAND_RULES: CommandRules = {
	isSuperseded: ({ generation }, maxGeneration) => generation < maxGeneration,
	// A newer Start that never arrived takes nothing away, so the highest generation heard of does not decide.
	mayComeBack: ({ generation }, fence) =>
		generation === fence.confirmedGeneration && !fence.hasGap && effectiveWanted(fence) === 'RUNNING',
	isTooLate: (notAfterMs, serverTime) => notAfterMs === null || serverTime.mayBePast(notAfterMs)
};
