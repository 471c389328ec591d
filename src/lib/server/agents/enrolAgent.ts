import { uuidv7 } from 'uuidv7';
import { z } from 'zod';
import { machineSchema } from '#lib/protocol/frames.ts';
import type { App, RequestOrigin } from '../app.ts';
import { writeAudit } from '../audit/writeAudit.ts';
import { AppError } from '../errors.ts';
import { hashJoinCode } from './joinCode.ts';

export const enrolSchema = z.strictObject({
	code: z.string().min(10).max(100),
	name: z.string().trim().min(1, 'The agent needs a name.').max(60),
	/** Raw Ed25519 public key, base64url. */
	publicKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'The public key is 32 bytes of Ed25519 in base64url.'),
	machine: machineSchema,
	version: z.string().min(1).max(40),
	capacity: z.int().min(1).max(1000)
});

/**
 * Lets an agent in for the first time: the code is used up and its key is remembered. The agent proves the key
 * at every connection; there is no other secret.
 * @throws AppError JOIN_CODE_INVALID for an unknown, used or expired code
 */
export async function enrolAgent(
	app: App,
	input: z.infer<typeof enrolSchema>,
	origin: RequestOrigin
): Promise<{ agentId: string }> {
	const { code, ...agent } = input;
	return app.db.prisma.$transaction(async (tx) => {
		const now = app.now();
		const { count } = await tx.agentJoinCode.updateMany({
			where: { codeHash: hashJoinCode(code), usedAt: null, expiresAt: { gt: now } },
			data: { usedAt: now }
		});
		if (count === 0)
			throw new AppError(
				'JOIN_CODE_INVALID',
				'This join code is not valid: it is unknown, was used already, or is older than 15 minutes. Make a new one on the Agents page.'
			);
		if (await tx.agent.findFirst({ where: { publicKey: agent.publicKey }, select: { id: true } }))
			throw new AppError(
				'JOIN_CODE_INVALID',
				'This key is enrolled already. Enrol with a new state directory.'
			);
		const { id } = await tx.agent.create({ data: { id: uuidv7(), ...agent }, select: { id: true } });
		await writeAudit(tx, {
			userId: null,
			action: 'agent.enrol',
			target: { type: 'agent', id },
			origin,
			detail: { name: agent.name, hostname: agent.machine.hostname }
		});
		return { agentId: id };
	});
}
