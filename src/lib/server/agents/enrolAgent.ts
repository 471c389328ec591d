import { uuidv7 } from 'uuidv7';
import { z } from 'zod';
import { agentNameSchema } from '#lib/domain/accountInput.ts';
import { isSignedBy } from '#lib/protocol/ed25519.ts';
import { fingerprintOf } from '#lib/protocol/fingerprint.ts';
import { machineSchema } from '#lib/protocol/frames.ts';
import { enrolMessage } from '#lib/protocol/signed.ts';
import type { App, RequestOrigin } from '../app.ts';
import { writeAudit } from '../audit/writeAudit.ts';
import { AppError } from '../errors.ts';
import { useJoinCode } from './joinCode.ts';

export const publicKeysSchema = {
	/** Raw Ed25519 public key, base64url. */
	publicKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'The public key is 32 bytes of Ed25519 in base64url.'),
	/** Raw X25519 public key, base64url: what is sealed to the agent. */
	sealKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'The sealing key is 32 bytes of X25519 in base64url.')
};

export const enrolSchema = z.strictObject({
	code: z.string().min(10).max(100),
	name: z.string().trim().pipe(agentNameSchema),
	...publicKeysSchema,
	/** Of the enrolment, with the key that is enrolled. */
	signature: z.string().max(200),
	machine: machineSchema,
	version: z.string().min(1).max(40),
	capacity: z.int().min(1).max(1000)
});

/** What a new agent learns: who it is, and the key whose signatures it obeys. */
export interface Enrolment {
	agentId: string;
	serverKey: string;
	fingerprint: string;
}

/**
 * Lets an agent in for the first time: the code is used up and its keys are remembered. It waits for an operator
 * to approve it. The agent proves its key at every connection; there is no other secret.
 * @throws AppError JOIN_CODE_INVALID for an unknown, used or expired code
 */
export async function enrolAgent(
	app: App,
	input: z.infer<typeof enrolSchema>,
	origin: RequestOrigin
): Promise<Enrolment> {
	const { code, signature, ...agent } = input;
	if (!isSignedBy(agent.publicKey, enrolMessage(code, agent), signature))
		throw new AppError('JOIN_CODE_INVALID', 'The enrolment is not signed with the key it brings.');
	return app.db.prisma.$transaction(async (tx) => {
		await useJoinCode(tx, code, null, app.now());
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
			detail: { name: agent.name, hostname: agent.machine.hostname, fingerprint: fingerprintOf(agent) }
		});
		return { agentId: id, serverKey: app.signer.publicKey, fingerprint: fingerprintOf(agent) };
	});
}
