/** What the gateway reads and writes of agents, batched where many agents come at once. */
import type { AssignedAccount, Machine, WantedState } from '#lib/protocol/frames.ts';
import type { TimerClock } from '#lib/domain/clock.ts';
import type { EaSettings } from '#lib/domain/eaSettings.ts';
import type { AccountKindName } from '#lib/domain/views.ts';
import type { AssignedRow } from '../accounts/accountRows.ts';
import { policyOf, settingsOf } from '../accounts/accountView.ts';
import type { CommandStore } from '../commands/commandStore.ts';
import type { MoveStore, Release } from '../moves/moveStore.ts';
import { batched } from './batch.ts';

export interface KnownAgent {
	id: string;
	name: string;
	publicKey: string;
	/** The key before the last rotation, while it still counts. */
	previousPublicKey: string | null;
	/** An operator let it in; before that it only waits. */
	isApproved: boolean;
	/** Why it is not let in, when two copies of it were seen. */
	lockReason: string | null;
}

export interface Arrival {
	agentId: string;
	version: string;
	machine: Machine;
	capacity: number;
	capabilities: string[];
	/** The number of its last connection, as it says. */
	connSeqSeen: number;
}

/** What came of an arrival. */
export type Admission =
	{ verdict: 'accepted'; connSeq: number } | { verdict: 'revoked' } | { verdict: 'locked'; reason: string };

/** What a line remembers of an account, so that it can be stopped while the database is away. */
export interface KnownAccount {
	accountNumber: string;
	name: string;
	broker: string;
	kind: AccountKindName;
	isEnabledForTrading: boolean;
	tags: readonly string[];
	wanted: WantedState;
	settings: EaSettings;
	/** The highest generation that was given out. */
	generation: number;
}

/** An account on the line: as the agent must run it, and whose it is. */
export interface LineAccount {
	userId: string;
	agentId: string;
	accountId: string;
	epoch: number;
	known: KnownAccount;
	account: AssignedAccount;
}

export interface AgentDirectory {
	/** The agent with this id, unless it was revoked. */
	find(agentId: string): Promise<KnownAgent | null>;
	/** Counts the connection, or finds that there are two copies of this agent, and locks both. */
	arrive(arrival: Arrival): Promise<Admission | null>;
	/** The agent remembers the number of this connection. @returns null when a newer one replaced it */
	confirm(ready: { agentId: string; connSeq: number }): Promise<true | null>;
	/** The active accounts assigned to this agent. */
	accountsOf(agentId: string): Promise<LineAccount[] | null>;
	/** What this agent was asked to let go, and has not proven. */
	releasesOf(agentId: string): Promise<Release[] | null>;
	/** Those of these accounts that are active and have an agent. */
	assignedAccounts(accountIds: readonly string[]): Promise<LineAccount[]>;
}

const BATCH = 500;

/** What the directory reads and writes; in the product, statements of PostgreSQL (sqlAgentStore.ts). */
export interface AgentStore {
	/** Of these agents, those that are enrolled and not revoked. */
	find(agentIds: readonly string[]): Promise<KnownAgent[]>;
	/** One admission per arrival, in their order; an agent may be among them more than once. */
	arrive(arrivals: readonly Arrival[]): Promise<Admission[]>;
	/** @returns which of them are still the newest connection of their agent */
	confirm(ready: readonly { agentId: string; connSeq: number }[]): Promise<boolean[]>;
}

export interface AgentDirectoryDependencies {
	agents: AgentStore;
	accounts: Pick<CommandStore, 'assignedAccounts'>;
	moves: Pick<MoveStore, 'openReleases'>;
	/** The password of an account as its agent can open it; null when there is none (accounts/agentPassword.ts). */
	passwordFor: (row: AssignedRow) => string | null;
	clock: Pick<TimerClock, 'soon'>;
}

export function createAgentDirectory(deps: AgentDirectoryDependencies): AgentDirectory {
	const { agents, accounts, moves, passwordFor, clock } = deps;

	function lineAccount(row: AssignedRow): LineAccount {
		const { id: accountId, userId, agentId, epoch } = row;
		const account: AssignedAccount = {
			userId,
			accountId,
			epoch,
			accountNumber: row.accountNumber,
			serverName: row.serverName,
			broker: row.broker,
			sealedPassword: passwordFor(row),
			wanted: row.wanted satisfies WantedState,
			generation: Number(row.wantedGeneration),
			settings: settingsOf(row),
			policy: policyOf(row),
			watchdogAskedAtMs: row.watchdogAskedAt?.getTime() ?? 0,
			isConnectionWanted: row.isConnectionWanted,
			reconnectAskedAtMs: row.reconnectAskedAt?.getTime() ?? 0
		};
		const known: KnownAccount = {
			accountNumber: row.accountNumber,
			name: row.name,
			broker: row.broker,
			kind: row.kind,
			isEnabledForTrading: row.isEnabledForTrading,
			tags: row.tags,
			wanted: row.wanted,
			settings: settingsOf(row),
			generation: Number(row.wantedGeneration)
		};
		return { userId, agentId, accountId, epoch, known, account };
	}

	return {
		find: batched<string, KnownAgent>(BATCH, clock, async (ids) => {
			const byId = new Map((await agents.find(ids)).map((agent) => [agent.id, agent]));
			return ids.map((id) => byId.get(id) ?? null);
		}),

		arrive: batched<Arrival, Admission>(BATCH, clock, (arrivals) => agents.arrive(arrivals)),

		confirm: batched<{ agentId: string; connSeq: number }, true>(BATCH, clock, async (ready) =>
			(await agents.confirm(ready)).map((isNewest) => isNewest || null)
		),

		accountsOf: batched<string, LineAccount[]>(BATCH, clock, async (agentIds) => {
			const byAgent = Map.groupBy(await accounts.assignedAccounts({ agentIds }), (row) => row.agentId);
			return agentIds.map((agentId) => (byAgent.get(agentId) ?? []).map(lineAccount));
		}),

		releasesOf: batched<string, Release[]>(BATCH, clock, async (agentIds) => {
			const byAgent = Map.groupBy(await moves.openReleases(agentIds), (release) => release.agentId);
			return agentIds.map((agentId) => byAgent.get(agentId) ?? null);
		}),

		assignedAccounts: async (accountIds) => (await accounts.assignedAccounts({ accountIds })).map(lineAccount)
	};
}
