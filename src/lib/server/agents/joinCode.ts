/** One-time codes with which an agent enrols: 128 bits, 15 minutes, only their hash is kept. */
import { createHash, randomBytes } from 'node:crypto';
import type { App, Caller } from '../app.ts';
import { writeAudit } from '../audit/writeAudit.ts';

const LIFETIME_MS = 15 * 60_000;

export const hashJoinCode = (code: string): string => createHash('sha256').update(code).digest('hex');

/** @returns the code, which cannot be shown again, and when it ends */
export async function createJoinCode(app: App, caller: Caller): Promise<{ code: string; expiresAt: string }> {
	const code = randomBytes(16).toString('base64url');
	const expiresAt = new Date(app.now().getTime() + LIFETIME_MS);
	await app.db.prisma.$transaction(async (tx) => {
		await tx.agentJoinCode.create({
			data: { codeHash: hashJoinCode(code), createdById: caller.userId, expiresAt }
		});
		await writeAudit(tx, {
			userId: caller.userId,
			action: 'agent.join_code',
			origin: caller.origin,
			detail: {}
		});
	});
	return { code, expiresAt: expiresAt.toISOString() };
}
