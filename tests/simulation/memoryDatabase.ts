/**
 * The tables of the command plane in memory, behind the same ports as PostgreSQL. Each operation is atomic, as a
 * statement is; a trader's row is locked by a transaction and by whoever counts the trader's events. The contract
 * test (tests/integration/web/commandStore.test.ts) holds it to what PostgreSQL does.
 */
import { isFinal, type ResultStatus } from '#lib/domain/commandLifecycle.ts';
import {
	isReplacedUnsent,
	mayChange,
	mayRedeliver,
	WANTED_BY,
	wantedAfter,
	type Wanted
} from '#lib/domain/commandTransitions.ts';
import { arrive, type ConnectionCounter } from '#lib/domain/connectionCounter.ts';
import { type AssignedRow } from '#lib/server/accounts/accountRows.ts';
import { type AgentStore, type KnownAgent } from '#lib/server/agents/agentDirectory.ts';
import {
	commandView,
	KIND_OF_DB,
	type CommandRow,
	type ResultRow
} from '#lib/server/commands/commandRows.ts';
import { type CommandStore, type OpenResult } from '#lib/server/commands/commandStore.ts';
import { type ChangedCommand, type ResultChange } from '#lib/server/commands/resultStore.ts';
import { type CommandToStore, type StoredCommand } from '#lib/server/commands/storeCommand.ts';

/** An account with its trader's defaults and its agent, as the queries join them. */
export type MemoryAccount = Omit<AssignedRow, 'agentId' | 'epoch'> & {
	agentId: string | null;
	epoch: number | null;
};

export type MemoryAgent = KnownAgent & { counter: ConnectionCounter };

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
	readonly commands = new Map<string, StoredRow>();
	readonly results = new Map<string, MemoryResult>();
	readonly audit: AuditRow[] = [];
	readonly #locks = new Map<
		string,
		{ holder: object; waiting: Array<{ holder: object; enter: () => void }> }
	>();
	readonly #nowMs: () => number;

	constructor(nowMs: () => number) {
		this.#nowMs = nowMs;
	}

	/** A web node's connection. @param session ends with the node: its locks are released then */
	connect(session: object): CommandStore {
		return {
			transaction: async (userId, _lane, work) => {
				await this.#lock(userId, session);
				try {
					return await work({
						accounts: this.#accountsOf(userId),
						findByKey: async (key) => this.#findByKey(userId, key),
						store: async (command) => this.#store(command)
					});
				} finally {
					this.#unlock(userId, session);
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
					return this.#storeResults(changes);
				} finally {
					for (const userId of userIds) this.#unlock(userId, session);
				}
			},
			openOfAgents: async (agentIds) =>
				this.#open((result) => {
					const holder = result.status === 'waiting' ? this.#agentOf(result.accountId) : result.agentId;
					return holder !== null && agentIds.includes(holder) ? holder : null;
				}).sort((a, b) => Number(a.generation) - Number(b.generation)),
			openOfCommands: async (agentId, commandIds) =>
				this.#open((result) =>
					result.status !== 'waiting' && result.agentId === agentId && commandIds.includes(result.commandId)
						? agentId
						: null
				),
			allOpen: async () =>
				this.#open(({ status, agentId, accountId }) => {
					if (status === 'waiting') return this.#agentOf(accountId);
					return agentId;
				}),
			markDispatched: async ({ commandId, accountId }, { agentId, epoch }) => {
				const result = this.results.get(keyOf(commandId, accountId));
				if (!result || !mayRedeliver(result.status)) return;
				Object.assign(result, { status: 'dispatched', agentId, epoch, dispatchedAtMs: this.#nowMs() });
			},
			assignedAccounts: async (by) =>
				[...this.accounts.values()].flatMap((account) => {
					const { agentId, epoch, status } = account;
					if (agentId === null || epoch === null || status !== 'ACTIVE') return [];
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

	agentStore(): AgentStore {
		return {
			find: async (agentIds) => agentIds.flatMap((id) => this.agents.get(id) ?? []),
			arrive: async (arrivals) =>
				arrivals.map(({ agentId, connSeqSeen }) => {
					const agent = this.agents.get(agentId);
					if (!agent) return { verdict: 'revoked' };
					if (agent.lockReason !== null) return { verdict: 'locked', reason: agent.lockReason };
					const judged = arrive(agent.counter, connSeqSeen);
					if (judged.verdict === 'accepted') {
						agent.counter = judged.counter;
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

	resultsOf(commandId: string): MemoryResult[] {
		return [...this.results.values()].filter((result) => result.commandId === commandId).sort(byAccount);
	}

	#accountsOf(userId: string): MemoryAccount[] {
		return [...this.accounts.values()]
			.filter((account) => account.userId === userId)
			.map((row) => ({ ...row }));
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

	#store({ command, idempotencyKey, requestHash, plan, closeOf }: CommandToStore): StoredCommand {
		const kind = KIND_OF_DB[command.kind];
		const createdAtMs = command.createdAt.getTime();
		const generations = new Map<string, number>();
		const superseded = new Set<string>();
		this.commands.set(command.id, { ...command, idempotencyKey, requestHash });
		for (const planned of plan) {
			const account = this.accounts.get(planned.row.id);
			if (!account) throw new Error(`no account ${planned.row.id}`);
			let generation = 0;
			if (planned.isWanted) {
				generation = Number(account.wantedGeneration) + 1;
				Object.assign(account, {
					wanted: WANTED_BY[kind],
					wantedGeneration: generation.toString(),
					wantedAt: command.createdAt
				});
				for (const older of this.results.values()) {
					if (older.accountId !== account.id || !isReplacedUnsent(older.status)) continue;
					Object.assign(older, {
						status: 'superseded',
						settledAt: command.createdAt,
						errorCode: 'superseded',
						error: 'A newer command took its place before it was sent.'
					});
					superseded.add(older.commandId);
				}
			}
			generations.set(account.id, generation);
			this.results.set(keyOf(command.id, account.id), {
				commandId: command.id,
				accountId: account.id,
				accountNumber: planned.row.accountNumber,
				accountName: planned.row.name,
				broker: planned.row.broker,
				accountKind: planned.row.kind,
				status: planned.status,
				stage: null,
				errorCode: planned.errorCode,
				error: planned.error,
				eaStatus: null,
				proof: null,
				settledAt: planned.status === 'agent_offline' ? command.createdAt : null,
				durationMs: null,
				generation,
				wantedBefore: planned.row.wanted,
				agentId: planned.row.agentId,
				epoch: planned.row.epoch,
				closePositions: closeOf(planned),
				createdAtMs,
				dispatchedAtMs: planned.status === 'dispatched' ? createdAtMs : null
			});
		}
		const action = `command.${command.kind.toLowerCase()}`;
		const { id: commandId, userId } = command;
		this.audit.push({ action, userId, targetId: commandId, commandId, status: null });
		return { generations, eventSeq: this.#count(userId), supersededCommandIds: [...superseded].sort() };
	}

	#storeResults(changes: readonly ResultChange[]): ChangedCommand[] {
		const changed = new Map<string, ChangedCommand>();
		const seqs = new Map<string, bigint>();
		for (const change of changes) {
			const result = this.results.get(keyOf(change.commandId, change.accountId));
			const command = this.commands.get(change.commandId);
			if (!result || !command || !mayChange(result, change)) continue;
			const { proof } = result;
			Object.assign(result, { ...change, proof: change.proof ?? proof });
			const kind = KIND_OF_DB[command.kind];
			const wanted = wantedAfter(kind, change.status, result.wantedBefore);
			const account = this.accounts.get(change.accountId);
			if (wanted !== null && account && Number(account.wantedGeneration) === result.generation)
				account.wanted = wanted;
			const { userId, id: commandId } = command;
			if (isFinal(change.status)) {
				const { status, accountId: targetId } = change;
				this.audit.push({ action: 'command.result', userId, targetId, commandId, status });
			}
			const eventSeq = seqs.get(userId) ?? this.#count(userId);
			seqs.set(userId, eventSeq);
			const entry = changed.get(commandId) ?? { command, results: [], changedAccountIds: [], eventSeq };
			entry.changedAccountIds.push(change.accountId);
			changed.set(commandId, entry);
		}
		const latest = new Map(changes.map((change) => [keyOf(change.commandId, change.accountId), change]));
		for (const entry of changed.values())
			entry.results = this.resultsOf(entry.command.id).map((result) => {
				const isChanged = entry.changedAccountIds.includes(result.accountId);
				return { ...result, ...(isChanged ? latest.get(keyOf(result.commandId, result.accountId)) : {}) };
			});
		return [...changed.values()];
	}

	#open(holderOf: (result: MemoryResult) => string | null): OpenResult[] {
		const rows: OpenResult[] = [];
		for (const result of this.results.values()) {
			const { commandId, accountId, status, closePositions, createdAtMs, dispatchedAtMs } = result;
			const command = this.commands.get(commandId);
			if (status !== 'dispatched' && status !== 'executing' && status !== 'waiting' && status !== 'timeout')
				continue;
			const agentId = holderOf(result);
			if (!command || agentId === null) continue;
			rows.push({
				commandId,
				accountId,
				agentId,
				generation: result.generation.toString(),
				kind: command.kind,
				closePositions,
				status,
				ageMs: Math.round(this.#nowMs() - (dispatchedAtMs ?? createdAtMs))
			});
		}
		return rows;
	}

	#count(userId: string): bigint {
		const user = this.users.get(userId);
		if (!user) throw new Error(`no user ${userId}`);
		user.eventSeq += 1n;
		return user.eventSeq;
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

const keyOf = (commandId: string, accountId: string): string => `${commandId}|${accountId}`;

const byAccount = (a: ResultRow, b: ResultRow): number =>
	a.accountName < b.accountName ? -1 : a.accountName > b.accountName ? 1 : a.accountId < b.accountId ? -1 : 1;
