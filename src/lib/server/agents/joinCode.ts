/** One-time codes with which an agent enrols: 128 bits, 15 minutes, only their hash is kept. */
import { createHash, randomBytes } from 'node:crypto';
import { writeAudit } from '../audit/writeAudit.ts';
import type { Database, Tx } from '../db.ts';
import { AppError, notFound } from '../errors.ts';
import type { Operator } from './standing.ts';

const LIFETIME_MS = 15 * 60_000;

export const hashJoinCode = (code: string): string => createHash('sha256').update(code).digest('hex');

/**
 * @param agentId set: the code lets this agent change its keys, instead of letting a new one in
 * @returns the code, which cannot be shown again, and when it ends
 * @throws AppError NOT_FOUND for an agent that does not exist or was revoked
 */
export async function createJoinCode(
	db: Database,
	operator: Operator,
	now: Date,
	agentId: string | null = null
): Promise<{ code: string; expiresAt: string }> {
	// Letters and digits alone: it is typed into a console, and passed on by scripts.
	const code = randomBytes(16).toString('hex');
	const expiresAt = new Date(now.getTime() + LIFETIME_MS);
	await db.prisma.$transaction(async (tx) => {
		if (agentId !== null && !(await tx.agent.findFirst({ where: { id: agentId, revokedAt: null } })))
			throw notFound('The agent');
		await tx.agentJoinCode.create({
			data: { codeHash: hashJoinCode(code), createdById: operator.userId, expiresAt, agentId }
		});
		await writeAudit(tx, {
			userId: operator.userId,
			action: agentId === null ? 'agent.join_code' : 'agent.key_code',
			...(agentId === null ? {} : { target: { type: 'agent', id: agentId } }),
			origin: operator.origin,
			detail: {}
		});
	});
	return { code, expiresAt: expiresAt.toISOString() };
}

/**
 * Uses a code up. @param agentId null for a code that lets a new agent in
 * @throws AppError JOIN_CODE_INVALID for an unknown, used or expired code, or one for something else
 */
export async function useJoinCode(tx: Tx, code: string, agentId: string | null, now: Date): Promise<void> {
	const { count } = await tx.agentJoinCode.updateMany({
		where: { codeHash: hashJoinCode(code), agentId, usedAt: null, expiresAt: { gt: now } },
		data: { usedAt: now }
	});
	if (count === 0)
		throw new AppError(
			'JOIN_CODE_INVALID',
			'This join code is not valid: it is unknown, was used already, or is older than 15 minutes. Make a new one on the Agents page.'
		);
}
