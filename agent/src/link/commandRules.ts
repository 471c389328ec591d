/**
 * The two guards that keep a command from running, asked on receipt and again right before every effect. They
 * stand here by themselves so that the simulation can leave one out and show that it is missed; nothing else
 * may.
 */
import { type ServerTime } from './serverTime.ts';

export interface CommandRules {
	/** A newer command of the account was heard of. */
	isSuperseded(command: { generation: number }, maxGeneration: number): boolean;
	/** @param notAfterMs moment of the server's time; a Start without one is none of our server's */
	isTooLate(notAfterMs: number | null, serverTime: Pick<ServerTime, 'mayBePast'>): boolean;
}

export const COMMAND_RULES: CommandRules = {
	isSuperseded: ({ generation }, maxGeneration) => generation < maxGeneration,
	isTooLate: (notAfterMs, serverTime) => notAfterMs === null || serverTime.mayBePast(notAfterMs)
};
