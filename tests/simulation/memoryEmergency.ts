/** What the database takes in afterwards: a Stop that was sent without it, and what an agent obeyed meanwhile. */
import { MAX_GENERATION_JUMP } from '#lib/domain/limits.ts';
import { type AdoptGeneration } from '#lib/server/agents/agentMessages.ts';
import { type EmergencyCommand } from '#lib/server/commands/emergencyStop.ts';
import { keyOf, type MemoryDatabase } from './memoryDatabase.ts';

/** @returns the number of its live event; null when it is written down already */
export function recordEmergency(
	db: MemoryDatabase,
	{ command, idempotencyKey, results }: EmergencyCommand
): bigint | null {
	if (db.commands.has(command.id)) return null;
	const isKeyTaken = [...db.commands.values()].some(
		(other) => other.userId === command.userId && other.idempotencyKey === idempotencyKey
	);
	db.commands.set(command.id, {
		...command,
		idempotencyKey: isKeyTaken ? null : idempotencyKey,
		requestHash: 'emergency'
	});
	for (const { accountId, agentId, epoch, generation, closePositions, known } of results) {
		const account = db.accounts.get(accountId);
		if (!account) continue;
		const wantedBefore = account.wanted;
		if (Number(account.wantedGeneration) < generation)
			Object.assign(account, {
				wanted: 'STOPPED',
				wantedGeneration: generation.toString(),
				wantedAt: command.createdAt
			});
		db.results.set(keyOf(command.id, accountId), {
			commandId: command.id,
			accountId,
			accountNumber: known.accountNumber,
			accountName: known.name,
			broker: known.broker,
			accountKind: known.kind,
			status: 'dispatched',
			stage: null,
			errorCode: null,
			error: null,
			eaStatus: null,
			proof: null,
			settledAt: null,
			durationMs: null,
			generation,
			wantedBefore,
			agentId,
			epoch,
			closePositions,
			createdAtMs: command.createdAt.getTime(),
			dispatchedAtMs: command.createdAt.getTime()
		});
	}
	const { id: commandId, userId } = command;
	db.audit.push({ action: 'command.stop_ea', userId, targetId: commandId, commandId, status: null });
	return db.count(userId);
}

/** Believed of the agent that holds the account, and only so far ahead. @returns whether anything changed */
export function adoptGeneration(
	db: MemoryDatabase,
	{ agentId, accountId, epoch, generation, wanted }: Parameters<AdoptGeneration>[0]
): boolean {
	const account = db.accounts.get(accountId);
	if (!account || account.agentId !== agentId || account.epoch !== epoch) return false;
	const known = Number(account.wantedGeneration);
	if (known >= generation || known < generation - MAX_GENERATION_JUMP) return false;
	account.wantedGeneration = generation.toString();
	if (wanted !== 'RUNNING') account.wanted = wanted;
	return true;
}
