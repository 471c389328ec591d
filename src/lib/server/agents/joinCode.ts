/** One-time codes with which an agent enrols: 128 bits, 15 minutes, only their hash is kept. */
import { createHash, randomBytes } from 'node:crypto';
import { writeAudit } from '../audit/writeAudit.ts';
import type { Database } from '../db.ts';
import type { Operator } from './standing.ts';

const LIFETIME_MS = 15 * 60_000;

export const hashJoinCode = (code: string): string => createHash('sha256').update(code).digest('hex');

/** @returns the code, which cannot be shown again, and when it ends */
export async function createJoinCode(
	db: Database,
	operator: Operator,
	now: Date
): Promise<{ code: string; expiresAt: string }> {
	const code = randomBytes(16).toString('base64url');
	const expiresAt = new Date(now.getTime() + LIFETIME_MS);
	await db.prisma.$transaction(async (tx) => {
		await tx.agentJoinCode.create({
			data: { codeHash: hashJoinCode(code), createdById: operator.userId, expiresAt }
		});
		await writeAudit(tx, {
			userId: operator.userId,
			action: 'agent.join_code',
			origin: operator.origin,
			detail: {}
		});
	});
	return { code, expiresAt: expiresAt.toISOString() };
}
