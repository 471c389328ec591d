/** An assigned account inside the agent: as the sync says it, with the password wrapped at the door. */
import { type AssignedAccount } from '#lib/protocol/frames.ts';
import { Secret } from '../secret.ts';

export interface PoolAccount extends Omit<AssignedAccount, 'password'> {
	password: Secret;
}

export const poolAccount = ({ password, ...rest }: AssignedAccount): PoolAccount => ({
	...rest,
	password: new Secret(password)
});

/** Fingerprint of credentials that cannot be turned back into them (keyed with the agent's own key). */
export type CredentialMark = (
	account: Pick<PoolAccount, 'accountNumber' | 'serverName' | 'password'>
) => string;
