/**
 * Everything the command plane reads and writes, as one port: PostgreSQL behind it in the product
 * (sqlCommandStore.ts), memory in the simulation. tests/integration/web/commandStore.test.ts holds both to the
 * same behaviour.
 */
import type { CommandView } from '#lib/domain/views.ts';
import type { AccountRow, AssignedRow } from '../accounts/accountRows.ts';
import type { Report } from '../accounts/accountView.ts';
import type { DbKind } from './commandRows.ts';
import type { ChangedCommand, ResultChange } from './resultStore.ts';
import type { CommandToStore, StoredCommand } from './storeCommand.ts';

/** A result without outcome, as the settlement needs it. */
export interface OpenResult {
	commandId: string;
	accountId: string;
	/** It was sent to this agent; one that waits belongs to whichever agent holds the account now. */
	agentId: string;
	/** The agent that has the account now; null when it has none, or is gone. */
	holderId: string | null;
	generation: string;
	kind: DbKind;
	closePositions: boolean;
	status: 'dispatched' | 'executing' | 'waiting' | 'timeout';
	/** Since it was sent; since it was made, if it was not. */
	ageMs: number;
}

/** The traders' rows are locked while this lasts, so commands and toggles of one trader come one after the other. */
export interface CommandTransaction {
	/** All accounts of one of its traders. */
	accountsOf(userId: string): readonly AccountRow[];
	findByKey(userId: string, idempotencyKey: string): Promise<{ id: string; requestHash: string } | null>;
	/** Once, as the last thing: everything the commands write, one of each trader at most. It is committed with it. */
	store(commands: readonly CommandToStore[]): Promise<StoredCommand[]>;
}

export interface CommandStore {
	/**
	 * @param userIds the traders whose commands it is about; all of them are written in one commit
	 * @param lane Starts wait for Starts, Pauses and Stops for each other, before they ask for a connection
	 * @throws whatever `work` throws; then nothing was written
	 */
	transaction<T>(
		userIds: readonly string[],
		lane: 'start' | 'halt',
		work: (transaction: CommandTransaction) => Promise<T>
	): Promise<T>;
	/** The commands with these ids that belong to this user, in no particular order. */
	readCommands(userId: string, commandIds: readonly string[]): Promise<CommandView[]>;
	/** In one commit. @param changes at most one per command and account */
	storeResults(changes: readonly ResultChange[]): Promise<ChangedCommand[]>;
	/** Everything open that was sent to these agents, and what waits for accounts they hold; by generation. */
	openOfAgents(agentIds: readonly string[]): Promise<OpenResult[]>;
	/** What of these commands was sent to this agent and has no outcome. */
	openOfCommands(agentId: string, commandIds: readonly string[]): Promise<OpenResult[]>;
	/** Everything open: at work, unknown, and what waits though an agent holds the account. */
	allOpen(): Promise<OpenResult[]>;
	/** Notes, before it is done, that a Stop or Pause is sent (again). */
	markDispatched(
		result: { commandId: string; accountId: string },
		to: { agentId: string; epoch: number }
	): Promise<void>;
	/** Active accounts that have an agent: all of these agents, or these accounts. */
	assignedAccounts(
		by: { agentIds: readonly string[] } | { accountIds: readonly string[] }
	): Promise<AssignedRow[]>;
	/** The newest reports, so that a restarted server shows what was seen last. */
	saveReports(reports: ReadonlyMap<string, Report>): Promise<void>;
}
