import { z } from 'zod';
import { isSignedBy } from '#lib/protocol/ed25519.ts';
import { fingerprintOf } from '#lib/protocol/fingerprint.ts';
import { rotateMessage, type AgentPublicKeys } from '#lib/protocol/signed.ts';
import type { App, RequestOrigin } from '../app.ts';
import { writeAudit } from '../audit/writeAudit.ts';
import { AppError } from '../errors.ts';
import { publicKeysSchema } from './enrolAgent.ts';
import { useJoinCode } from './joinCode.ts';
import { standingOf } from './standing.ts';

/** So long the old key counts beside the new one: time for the agent to come back with it. */
export const BOTH_KEYS_MS = 10 * 60_000;

export const rotateSchema = z.strictObject({
	agentId: z.uuid(),
	...publicKeysSchema,
	/** Of the change, with the new key. */
	proof: z.string().max(200),
	/** Of the change, with the key until now. Not needed with a code. */
	signature: z.string().max(200).optional(),
	/** From the operator, for this very agent: for one that is locked, or whose old key must not count. */
	code: z.string().min(10).max(100).optional()
});

const REFUSED = 'The keys were not changed: this agent is not known here, or the change is not signed by it.';

/**
 * Gives an agent new keys. Signed with the old key, the agent goes on as it was, and both keys count for ten
 * minutes. With an operator's code the old key counts no more, and an operator must compare the new fingerprint:
 * that is how an agent that was locked comes back. Asked again for keys it has already, it changes nothing.
 * @throws AppError KEYS_REFUSED, JOIN_CODE_INVALID
 */
export async function rotateKeys(
	app: App,
	input: z.infer<typeof rotateSchema>,
	origin: RequestOrigin
): Promise<{ fingerprint: string; standing: 'approved' | 'pending' }> {
	const { agentId, publicKey, sealKey, code } = input;
	const keys: AgentPublicKeys = { publicKey, sealKey };
	const message = rotateMessage(agentId, keys);
	if (!isSignedBy(publicKey, message, input.proof)) throw new AppError('KEYS_REFUSED', REFUSED);
	const now = app.now();
	return app.db.prisma.$transaction(async (tx) => {
		await tx.$executeRaw`SELECT 1 FROM "Agent" WHERE id = ${agentId}::uuid FOR UPDATE`;
		const agent = await tx.agent.findFirst({ where: { id: agentId, revokedAt: null } });
		if (!agent) throw new AppError('KEYS_REFUSED', REFUSED);
		const standing = standingOf(agent);
		const fingerprint = fingerprintOf(keys);
		if (agent.publicKey === publicKey && agent.sealKey === sealKey)
			return { fingerprint, standing: standing === 'approved' ? 'approved' : 'pending' };
		if (code !== undefined) await useJoinCode(tx, code, agentId, now);
		else if (
			standing === 'locked' ||
			input.signature === undefined ||
			!isSignedBy(agent.publicKey, message, input.signature)
		)
			throw new AppError('KEYS_REFUSED', REFUSED);
		if (await tx.agent.findFirst({ where: { publicKey }, select: { id: true } }))
			throw new AppError('KEYS_REFUSED', 'This key belongs to an agent already. Make a new one.');
		const present = { keysSince: now, newKeysOrderedAt: null };
		await tx.agent.update({
			where: { id: agentId },
			data:
				code === undefined
					? {
							...keys,
							...present,
							previousPublicKey: agent.publicKey,
							previousKeyUntil: new Date(now.getTime() + BOTH_KEYS_MS)
						}
					: {
							...keys,
							...present,
							previousPublicKey: null,
							previousKeyUntil: null,
							approvedAt: null,
							approvedById: null,
							lockedAt: null,
							lockReason: null,
							// Whichever copy it is that brought the code: it begins with what it remembers.
							connSeqConfirmed: 0,
							standingAt: now
						}
		});
		await writeAudit(tx, {
			userId: null,
			action: code === undefined ? 'agent.rotate_keys' : 'agent.new_keys',
			target: { type: 'agent', id: agentId },
			origin,
			detail: { name: agent.name, fingerprint }
		});
		return { fingerprint, standing: code === undefined && agent.approvedAt ? 'approved' : 'pending' };
	});
}
