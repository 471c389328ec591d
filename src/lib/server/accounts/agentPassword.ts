import { sealedParts } from '#lib/protocol/seal.ts';
import { sealNow } from '#lib/protocol/sealNode.ts';
import type { SecretBox } from '../crypto/secretBox.ts';
import type { Logger } from '../logger.ts';
import type { AssignedRow } from './accountRows.ts';
import { passwordOwner } from './passwordOwner.ts';

/**
 * The password of an account as its agent can open it: sealed to it already, or sealed to it now out of the
 * server's own box. What does not open is none (null), so that this account alone is without; the agent can still
 * stop it.
 */
export function agentPassword(
	secretBox: Pick<SecretBox, 'open'>,
	logger: Logger
): (row: AssignedRow) => string | null {
	return (row) => {
		const { id: accountId, userId, accountNumber, serverName, agentId, agentSealKey, sealedPassword } = row;
		if (sealedPassword === null) return null;
		const parts = sealedParts(sealedPassword);
		if (parts) return parts.agentId === agentId ? sealedPassword : null;
		try {
			if (agentSealKey === null) throw new Error('the agent has no sealing key');
			const password = secretBox.open(sealedPassword, passwordOwner(row));
			const login = { accountNumber, serverName };
			return sealNow(password, { userId, accountId, ...login, agentId, sealKey: agentSealKey });
		} catch (error) {
			logger.error({ err: error, accountId }, 'a password does not open; its account is sent without one');
			return null;
		}
	};
}
