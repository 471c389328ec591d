/** A command for one account, as it travels inside the agent. */
import { type CommandKind } from '#lib/domain/commandLifecycle.ts';
import { type EaSettings } from '#lib/domain/eaSettings.ts';

/** The part that the journal keeps. */
export interface CommandRecord {
	commandId: string;
	accountId: string;
	generation: number;
	epoch: number;
	kind: CommandKind;
	closePositions: boolean;
	settings: EaSettings;
}

export interface EaCommand extends CommandRecord {
	/** Start: the server's time by which it had to be accepted. Null for the others, and for one read from the journal. */
	notAfterMs: number | null;
	/** When this agent accepted it, in its monotonic time. */
	acceptedAtMs: number;
	/** False for a Stop or Pause that is carried out although the journal could not be written. */
	isJournalled: boolean;
}
