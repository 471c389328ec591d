/** What a command and its results write into the tables in memory, as the SQL of the product does. */
import { isFinal } from '#lib/domain/commandLifecycle.ts';
import { isReplacedUnsent, mayChange, WANTED_BY, wantedAfter } from '#lib/domain/commandTransitions.ts';
import { KIND_OF_DB } from '#lib/server/commands/commandRows.ts';
import { type OpenResult } from '#lib/server/commands/commandStore.ts';
import { type ChangedCommand, type ResultChange } from '#lib/server/commands/resultStore.ts';
import { type CommandToStore, type StoredCommand } from '#lib/server/commands/storeCommand.ts';
import { keyOf, type MemoryDatabase, type MemoryResult } from './memoryDatabase.ts';

/** A new command: its results, the next generations, what of older commands it replaces. */
export function storeCommand(
	db: MemoryDatabase,
	{ command, idempotencyKey, requestHash, plan, closeOf }: CommandToStore
): StoredCommand {
	const kind = KIND_OF_DB[command.kind];
	const createdAtMs = command.createdAt.getTime();
	const generations = new Map<string, number>();
	const superseded = new Set<string>();
	db.commands.set(command.id, { ...command, idempotencyKey, requestHash });
	for (const planned of plan) {
		const account = db.accounts.get(planned.row.id);
		if (!account) throw new Error(`no account ${planned.row.id}`);
		let generation = 0;
		if (planned.isWanted) {
			generation = Number(account.wantedGeneration) + 1;
			Object.assign(account, {
				wanted: WANTED_BY[kind],
				wantedGeneration: generation.toString(),
				wantedAt: command.createdAt
			});
			for (const older of db.results.values()) {
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
		db.results.set(keyOf(command.id, account.id), {
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
			settledAt: planned.status === 'agent_offline' || planned.status === 'failed' ? command.createdAt : null,
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
	db.audit.push({ action, userId, targetId: commandId, commandId, status: null });
	return { generations, eventSeq: db.count(userId), supersededCommandIds: [...superseded].sort() };
}

/** Outcomes as they come in: at most one per command, account and agent. */
export function storeResults(db: MemoryDatabase, changes: readonly ResultChange[]): ChangedCommand[] {
	const changed = new Map<string, ChangedCommand>();
	const seqs = new Map<string, bigint>();
	for (const change of changes) {
		const result = db.results.get(keyOf(change.commandId, change.accountId));
		const command = db.commands.get(change.commandId);
		if (!result || !command || !mayChange(result, change)) continue;
		const { proof } = result;
		Object.assign(result, { ...change, proof: change.proof ?? proof });
		const kind = KIND_OF_DB[command.kind];
		const wanted = wantedAfter(kind, change.status, result.wantedBefore);
		const account = db.accounts.get(change.accountId);
		if (wanted !== null && account && Number(account.wantedGeneration) === result.generation)
			account.wanted = wanted;
		const { userId, id: commandId } = command;
		if (isFinal(change.status)) {
			const { status, accountId: targetId } = change;
			db.audit.push({ action: 'command.result', userId, targetId, commandId, status });
		}
		const eventSeq = seqs.get(userId) ?? db.count(userId);
		seqs.set(userId, eventSeq);
		const entry = changed.get(commandId) ?? { command, results: [], changedAccountIds: [], eventSeq };
		entry.changedAccountIds.push(change.accountId);
		changed.set(commandId, entry);
	}
	for (const entry of changed.values())
		entry.results = db.resultsOf(entry.command.id).map((result) => ({ ...result }));
	return [...changed.values()];
}

/** @param holderOf whose business a result is; null leaves it out */
export function openResults(
	db: MemoryDatabase,
	holderOf: (result: MemoryResult) => string | null
): OpenResult[] {
	const rows: OpenResult[] = [];
	for (const result of db.results.values()) {
		const { commandId, accountId, status, closePositions, createdAtMs, dispatchedAtMs } = result;
		const command = db.commands.get(commandId);
		if (status !== 'dispatched' && status !== 'executing' && status !== 'waiting' && status !== 'timeout')
			continue;
		const agentId = holderOf(result);
		if (!command || agentId === null) continue;
		rows.push({
			commandId,
			accountId,
			agentId,
			holderId: db.accounts.get(accountId)?.agentId ?? null,
			generation: result.generation.toString(),
			kind: command.kind,
			closePositions,
			status,
			ageMs: Math.round(db.nowMs() - (dispatchedAtMs ?? createdAtMs))
		});
	}
	return rows;
}
