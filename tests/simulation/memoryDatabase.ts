/**
 * The tables of the command plane in memory, behind the same ports as PostgreSQL. Each operation is atomic, as a
 * statement is; a trader's row is locked by a transaction and by whoever counts the trader's events. The contract
 * test (tests/integration/web/commandStore.test.ts) holds it to what PostgreSQL does.
 */
import { type ResultStatus } from '#lib/domain/commandLifecycle.ts';
import { NODE_LEASE_MS } from '#lib/domain/limits.ts';
import { mayRedeliver, type Wanted } from '#lib/domain/commandTransitions.ts';
import { arrive, type ConnectionCounter } from '#lib/domain/connectionCounter.ts';
import { type AssignedRow } from '#lib/server/accounts/accountRows.ts';
import { type AgentStore, type KnownAgent } from '#lib/server/agents/agentDirectory.ts';
import { commandView, type CommandRow, type ResultRow } from '#lib/server/commands/commandRows.ts';
import { type CommandStore } from '#lib/server/commands/commandStore.ts';
import { type SimProcess } from './timeline.ts';
import { type Release } from '#lib/server/moves/moveStore.ts';
import { type ReleaseReason } from '#lib/domain/accountMove.ts';
import { openResults, storeCommand, storeResults } from './memoryCommands.ts';

/** An account with its trader's defaults and its agent, as the queries join them. */
export type MemoryAccount = Omit<AssignedRow, 'agentId' | 'epoch'> & {
	agentId: string | null;
	epoch: number | null;
	moveRequestedBy?: { userId: string; name: string } | null;
};

export type MemoryAgent = KnownAgent & {
	counter: ConnectionCounter;
	/** The web node that took it in last. */
	nodeId: string | null;
	lastSeenAtMs: number;
};

export interface MemoryNode {
	isOnBus: boolean;
	process: SimProcess;
	aliveAtMs: number;
}
export interface MemoryRelease extends Release {
	reason: ReleaseReason;
	isProven: boolean;
}

export interface MemoryResult extends ResultRow {
	generation: number;
	wantedBefore: Wanted;
	agentId: string | null;
	epoch: number | null;
	closePositions: boolean;
	createdAtMs: number;
	dispatchedAtMs: number | null;
}

export interface AuditRow {
	action: string;
	userId: string;
	targetId: string;
	commandId: string;
	status: ResultStatus | null;
}

type StoredRow = CommandRow & { idempotencyKey: string | null; requestHash: string };

export class MemoryDatabase {
	readonly users = new Map<string, { eventSeq: bigint }>();
	readonly accounts = new Map<string, MemoryAccount>();
	readonly agents = new Map<string, MemoryAgent>();
	readonly nodes = new Map<string, MemoryNode>();
	readonly commands = new Map<string, StoredRow>();
	readonly results = new Map<string, MemoryResult>();
	/** By account and agent. */
	readonly releases = new Map<string, MemoryRelease>();
	readonly audit: AuditRow[] = [];
	readonly #locks = new Map<
		string,
		{ holder: object; waiting: Array<{ holder: object; enter: () => void }> }
	>();
	readonly nowMs: () => number;

	constructor(nowMs: () => number) {
		this.nowMs = nowMs;
	}

	/** A web node's connection. @param session ends with the node: its locks are released then */
	connect(session: object): CommandStore {
		return {
			transaction: async (userIds, _lane, work) => {
				for (const userId of [...userIds].sort()) await this.#lock(userId, session);
				try {
					return await work({
						accountsOf: (userId) => this.#accountsOf(userId),
						findByKey: async (userId, key) => this.#findByKey(userId, key),
						store: async (commands) => commands.map((command) => storeCommand(this, command))
					});
				} finally {
					for (const userId of userIds) this.#unlock(userId, session);
				}
			},
			readCommands: async (userId, commandIds) =>
				commandIds.flatMap((commandId) => {
					const command = this.commands.get(commandId);
					return command?.userId === userId ? [commandView(command, this.resultsOf(commandId))] : [];
				}),
			storeResults: async (changes) => {
				const userIds = new Set(
					changes.flatMap(({ commandId }) => this.commands.get(commandId)?.userId ?? [])
				);
				for (const userId of [...userIds].sort()) await this.#lock(userId, session);
				try {
					return storeResults(this, changes);
				} finally {
					for (const userId of userIds) this.#unlock(userId, session);
				}
			},
			openOfAgents: async (agentIds) =>
				openResults(this, (result) => {
					const holder = result.status === 'waiting' ? this.#agentOf(result.accountId) : result.agentId;
					return holder !== null && agentIds.includes(holder) ? holder : null;
				}).sort((a, b) => Number(a.generation) - Number(b.generation)),
			openOfCommands: async (agentId, commandIds) =>
				openResults(this, (result) =>
					result.status !== 'waiting' && result.agentId === agentId && commandIds.includes(result.commandId)
						? agentId
						: null
				),
			allOpen: async () =>
				openResults(this, ({ status, agentId, accountId }) => {
					if (status === 'waiting') return this.#agentOf(accountId);
					return agentId;
				}),
			markDispatched: async ({ commandId, accountId }, { agentId, epoch }) => {
				const result = this.results.get(keyOf(commandId, accountId));
				if (!result || !mayRedeliver(result.status)) return;
				Object.assign(result, { status: 'dispatched', agentId, epoch, dispatchedAtMs: this.nowMs() });
			},
			assignedAccounts: async (by) =>
				[...this.accounts.values()].flatMap((account) => {
					const { agentId, epoch, status } = account;
					if (agentId === null || epoch === null || status !== 'ACTIVE' || this.#isReleasing(account))
						return [];
					const isMeant =
						'agentIds' in by ? by.agentIds.includes(agentId) : by.accountIds.includes(account.id);
					return isMeant ? [{ ...account, agentId, epoch }] : [];
				}),
			saveReports: async (reports) => {
				for (const [accountId, { state, figures, seenAtMs }] of reports) {
					const account = this.accounts.get(accountId);
					if (account) Object.assign(account, { seen: { state, figures }, seenAt: new Date(seenAtMs) });
				}
			}
		};
	}

	/** @param nodeId the web node that agents arrive at */
	agentStore(nodeId: string): AgentStore {
		return {
			find: async (agentIds) => agentIds.flatMap((id) => this.agents.get(id) ?? []),
			arrive: async (arrivals) =>
				arrivals.map(({ agentId, connSeqSeen }) => {
					const agent = this.agents.get(agentId);
					if (!agent) return { verdict: 'revoked' };
					if (agent.lockReason !== null) return { verdict: 'locked', reason: agent.lockReason };
					const judged = arrive(agent.counter, connSeqSeen);
					if (judged.verdict === 'accepted') {
						Object.assign(agent, { counter: judged.counter, nodeId, lastSeenAtMs: this.nowMs() });
						const node = this.nodes.get(nodeId);
						if (node && node.aliveAtMs < this.nowMs() - NODE_LEASE_MS / 2) node.aliveAtMs = this.nowMs();
						return { verdict: 'accepted', connSeq: judged.counter.accepted };
					}
					agent.lockReason = `two copies: ${judged.why}`;
					return { verdict: 'locked', reason: agent.lockReason };
				}),
			confirm: async (ready) =>
				ready.map(({ agentId, connSeq }) => {
					const agent = this.agents.get(agentId);
					if (!agent || agent.lockReason !== null || agent.counter.accepted !== connSeq) return false;
					agent.counter.confirmed = connSeq;
					return true;
				})
		};
	}

	/** The connection is gone: its transactions are rolled back. */
	disconnect(session: object): void {
		for (const [userId, lock] of [...this.#locks]) {
			lock.waiting = lock.waiting.filter(({ holder }) => holder !== session);
			if (lock.holder === session) this.#unlock(userId, session);
		}
	}

	/** To a web node whose lease holds. */
	isConnected(agentId: string): boolean {
		const node = this.nodes.get(this.agents.get(agentId)?.nodeId ?? '');
		return node !== undefined && node.aliveAtMs > this.nowMs() - NODE_LEASE_MS;
	}

	resultsOf(commandId: string): MemoryResult[] {
		return [...this.results.values()].filter((result) => result.commandId === commandId).sort(byAccount);
	}

	#accountsOf(userId: string): MemoryAccount[] {
		return [...this.accounts.values()]
			.filter((account) => account.userId === userId)
			.map((row) => ({ ...row, isReleasing: this.#isReleasing(row) }));
	}

	#isReleasing({ id, agentId, epoch }: MemoryAccount): boolean {
		const release = agentId === null ? null : this.releases.get(`${id} ${agentId}`);
		return release !== undefined && release !== null && release.epoch >= (epoch ?? 0);
	}

	#agentOf(accountId: string): string | null {
		return this.accounts.get(accountId)?.agentId ?? null;
	}

	#findByKey(userId: string, key: string): { id: string; requestHash: string } | null {
		const found = [...this.commands.values()].find(
			(command) => command.userId === userId && command.idempotencyKey === key
		);
		return found ? { id: found.id, requestHash: found.requestHash } : null;
	}

	/** The number of the trader's next live event. */
	count(userId: string): bigint {
		const user = this.users.get(userId);
		if (!user) throw new Error(`no user ${userId}`);
		user.eventSeq += 1n;
		return user.eventSeq;
	}

	/** A transaction of whoever changes something of this trader. */
	async locked<T>(userId: string, session: object, work: () => T): Promise<T> {
		await this.#lock(userId, session);
		try {
			return work();
		} finally {
			this.#unlock(userId, session);
		}
	}

	async #lock(userId: string, holder: object): Promise<void> {
		const lock = this.#locks.get(userId);
		if (!lock) {
			this.#locks.set(userId, { holder, waiting: [] });
			return;
		}
		await new Promise<void>((enter) => void lock.waiting.push({ holder, enter }));
	}

	#unlock(userId: string, holder: object): void {
		const lock = this.#locks.get(userId);
		if (!lock || lock.holder !== holder) return;
		const next = lock.waiting.shift();
		if (!next) return void this.#locks.delete(userId);
		lock.holder = next.holder;
		next.enter();
	}
}

export const keyOf = (commandId: string, accountId: string): string => `${commandId}|${accountId}`;

const byAccount = (a: ResultRow, b: ResultRow): number =>
	a.accountName < b.accountName ? -1 : a.accountName > b.accountName ? 1 : a.accountId < b.accountId ? -1 : 1;
