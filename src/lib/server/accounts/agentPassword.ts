import { sealedParts } from '#lib/protocol/seal.ts';
import { sealNow } from '#lib/protocol/sealNode.ts';
import type { SecretBox } from '../crypto/secretBox.ts';
import type { Logger } from '../logger.ts';
import type { AssignedRow } from './accountRows.ts';

/**
 * The password of an account as its agent can open it: sealed to it already, or sealed to it now out of the
 * server's own box. What does not open is none (null), so that this account alone is without; the agent can still
 * stop it.
 */
export function agentPassword(
	secretBox: Pick<SecretBox, 'open'>,
	logger: Logger
): (row: AssignedRow) => string | null {
	return ({ id: accountId, userId, agentId, agentSealKey, sealedPassword }) => {
		if (sealedPassword === null) return null;
		const parts = sealedParts(sealedPassword);
		if (parts) return parts.agentId === agentId ? sealedPassword : null;
		try {
			if (agentSealKey === null) throw new Error('the agent has no sealing key');
			const password = secretBox.open(sealedPassword, accountId);
			return sealNow(password, { userId, accountId, agentId, sealKey: agentSealKey });
		} catch (error) {
			logger.error({ err: error, accountId }, 'a password does not open; its account is sent without one');
			return null;
		}
	};
}
