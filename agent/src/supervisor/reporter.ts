/** What supervisors tell the outside; they do not know who listens. */
import { type AgentFrames } from '#lib/protocol/frames.ts';
import { type Proof } from '#lib/protocol/seen.ts';
import { type Fence } from '../link/fences.ts';
import { type ResultBody } from '../link/journal.ts';
import { type EaCommand } from './command.ts';
import { type Incident } from './incidentBook.ts';

export type Outcome = Pick<ResultBody, 'outcome' | 'errorCode' | 'error' | 'eaStatus' | 'proof'>;
export type AgentEvent = Pick<AgentFrames['event'], 'accountId' | 'level' | 'code' | 'message'>;

export interface IncidentReport extends Incident {
	accountId: string;
	epoch: number;
}

export interface Reporter {
	/** Still at work on it. */
	progress(command: EaCommand, stage: string, proof: Proof | null): void;
	/** The outcome; it is journalled with what it changes of the account's fence, and then sent. */
	finish(command: EaCommand, outcome: Outcome, change?: Partial<Fence>): void;
	/** Something worth a line in the account's history. */
	event(event: AgentEvent): void;
	/** News of what the watchdog found and does. */
	incident(report: IncidentReport): void;
}
