/** What the gateway reads and writes of agents, batched where many agents come at once. */
import type { AssignedAccount, Machine, WantedState } from '#lib/protocol/frames.ts';
import type { TimerClock } from '#lib/domain/clock.ts';
import type { AssignedRow } from '../accounts/accountRows.ts';
import { policyOf, settingsOf } from '../accounts/accountView.ts';
import type { CommandStore } from '../commands/commandStore.ts';
import type { SecretBox } from '../crypto/secretBox.ts';
import type { Logger } from '../logger.ts';
import { batched } from './batch.ts';

export interface KnownAgent {
	id: string;
	name: string;
	publicKey: string;
	/** An operator let it in; before that it only waits. */
	isApproved: boolean;
	connSeq: number;
}

export interface Arrival {
	agentId: string;
	version: string;
	machine: Machine;
	capacity: number;
}

/** An account on the line: as the agent must run it, and whose it is. */
export interface LineAccount {
	userId: string;
	agentId: string;
	accountId: string;
	epoch: number;
	/** Null when its password does not open: it cannot be sent, and must not be taken away either. */
	account: AssignedAccount | null;
}

export interface AgentDirectory {
	/** The agent with this id, unless it was revoked. */
	find(agentId: string): Promise<KnownAgent | null>;
	/** Counts the accepted connection. @returns its number; null when the agent was revoked meanwhile */
	arrive(arrival: Arrival): Promise<number | null>;
	/** The active accounts assigned to this agent. */
	accountsOf(agentId: string): Promise<LineAccount[] | null>;
	/** Those of these accounts that are active and have an agent. */
	assignedAccounts(accountIds: readonly string[]): Promise<LineAccount[]>;
}

const BATCH = 500;

/** What the directory reads and writes; in the product, statements of PostgreSQL (sqlAgentStore.ts). */
export interface AgentStore {
	/** Of these agents, those that are enrolled and not revoked. */
	find(agentIds: readonly string[]): Promise<KnownAgent[]>;
	/** Counts accepted connections, at most one per agent. @returns their numbers; none for a revoked agent */
	arrive(arrivals: readonly Arrival[]): Promise<{ id: string; connSeq: number }[]>;
}

export interface AgentDirectoryDependencies {
	agents: AgentStore;
	accounts: Pick<CommandStore, 'assignedAccounts'>;
	secretBox: Pick<SecretBox, 'open'>;
	clock: Pick<TimerClock, 'soon'>;
	logger: Logger;
}

export function createAgentDirectory(deps: AgentDirectoryDependencies): AgentDirectory {
	const { agents, accounts, secretBox, clock, logger } = deps;

	function lineAccount(row: AssignedRow): LineAccount {
		const { id: accountId, userId, agentId, epoch } = row;
		const password = openPassword(row);
		const account: AssignedAccount | null =
			password === null
				? null
				: {
						accountId,
						epoch,
						accountNumber: row.accountNumber,
						serverName: row.serverName,
						broker: row.broker,
						password,
						wanted: row.wanted satisfies WantedState,
						generation: Number(row.wantedGeneration),
						settings: settingsOf(row),
						policy: policyOf(row)
					};
		return { userId, agentId, accountId, epoch, account };
	}

	function openPassword(row: AssignedRow): string | null {
		try {
			return secretBox.open(row.sealedPassword, row.id);
		} catch (error) {
			logger.error({ err: error, accountId: row.id }, 'a password does not open; its account is not sent');
			return null;
		}
	}

	return {
		find: batched<string, KnownAgent>(BATCH, clock, async (ids) => {
			const byId = new Map((await agents.find(ids)).map((agent) => [agent.id, agent]));
			return ids.map((id) => byId.get(id) ?? null);
		}),

		arrive: batched<Arrival, number>(BATCH, clock, async (arrivals) => {
			// An agent twice in one batch keeps its newest arrival; both get the same number, and the older line is cut.
			const newest = new Map(arrivals.map((arrival) => [arrival.agentId, arrival]));
			const arrived = await agents.arrive([...newest.values()]);
			const byId = new Map(arrived.map(({ id, connSeq }) => [id, connSeq]));
			return arrivals.map((arrival) => byId.get(arrival.agentId) ?? null);
		}),

		accountsOf: batched<string, LineAccount[]>(BATCH, clock, async (agentIds) => {
			const byAgent = Map.groupBy(await accounts.assignedAccounts({ agentIds }), (row) => row.agentId);
			return agentIds.map((agentId) => (byAgent.get(agentId) ?? []).map(lineAccount));
		}),

		assignedAccounts: async (accountIds) => (await accounts.assignedAccounts({ accountIds })).map(lineAccount)
	};
}
