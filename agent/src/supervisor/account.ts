/** An assigned account inside the agent: as the sync says it, with the password opened and wrapped at the door. */
import { mt5PasswordSchema } from '#lib/domain/accountInput.ts';
import { type AssignedAccount } from '#lib/protocol/frames.ts';
import { type SealOwner } from '#lib/protocol/seal.ts';
import { Secret } from '../secret.ts';

export interface PoolAccount extends Omit<AssignedAccount, 'sealedPassword'> {
	/** Null: there is none that opens. It is never an empty one. */
	password: Secret | null;
	/**
	 * As a sync before this agent began had it: the server may have given the account to another machine since. What
	 * runs of it here is looked after, and nothing more of it is brought up.
	 */
	isRemembered: boolean;
}

/** The account of an earlier sync; its password is never written down. */
export const rememberedAccount = ({ sealedPassword: _, ...rest }: AssignedAccount): PoolAccount => ({
	...rest,
	password: null,
	isRemembered: true
});

/** Opens what is sealed to this agent. @throws when it is not, or not for this login of this account */
export type PasswordOpener = (sealed: string, owner: Omit<SealOwner, 'agentId'>) => string;

/** @param onUnreadable hears why a password that is there does not open */
export function poolAccount(
	{ sealedPassword, ...rest }: AssignedAccount,
	open: PasswordOpener,
	onUnreadable: (error: unknown) => void
): PoolAccount {
	const isRemembered = false;
	if (sealedPassword === null) return { ...rest, password: null, isRemembered };
	try {
		const password = new Secret(mt5PasswordSchema.parse(open(sealedPassword, rest)));
		return { ...rest, password, isRemembered };
	} catch (error) {
		onUnreadable(error);
		return { ...rest, password: null, isRemembered };
	}
}

/** Fingerprint of credentials that cannot be turned back into them (keyed with the agent's own key). */
export type CredentialMark = (
	account: Pick<PoolAccount, 'accountNumber' | 'serverName' | 'password'>
) => string;

/** What a newer word on an account asks for. */
export function changeOf(
	before: PoolAccount,
	after: PoolAccount,
	mark: CredentialMark
): { isOtherLogin: boolean; isReconnect: boolean; isTriedAnew: boolean } {
	const isReconnect = after.reconnectAskedAtMs > before.reconnectAskedAtMs;
	return {
		isOtherLogin: before.accountNumber !== after.accountNumber || before.serverName !== after.serverName,
		isReconnect,
		isTriedAnew:
			isReconnect ||
			after.watchdogAskedAtMs > before.watchdogAskedAtMs ||
			after.isConnectionWanted !== before.isConnectionWanted ||
			after.isRemembered !== before.isRemembered ||
			mark(before) !== mark(after)
	};
}
