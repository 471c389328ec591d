import type { SealedLogin } from '#lib/protocol/seal.ts';

/** An account as its password is bound to it: the row, and where it logs in. */
export type PasswordAccount = SealedLogin & { id: string };

/**
 * What a password that the server sealed is bound to, as `ownerId` of the secret box: moved to another row, or its
 * account pointed at another login or broker server, it does not open.
 */
export const passwordOwner = ({ id, accountNumber, serverName }: PasswordAccount): string =>
	JSON.stringify([id, accountNumber, serverName]);
