/** Seals a typed password in the browser, where the browser can; else it goes to the server over https as typed. */
import type { AccountView } from '#lib/domain/views.ts';
import { canSeal, seal, type SealedLogin, type SealRecipient } from '#lib/protocol/seal.ts';
import { callApi, type Answer } from '../live/api.ts';

/** What to send in the place of the password. */
export type Credential = { password: string } | { sealed: { accountId: string; text: string } };

/** @param accountId null for a new account @param login as it is sent with the password: it opens for no other */
export async function sealedCredential(
	accountId: string | null,
	login: SealedLogin,
	password: string
): Promise<Credential> {
	if (!(await canSeal())) return { password };
	const path = `/api/user/mt5-accounts/${accountId === null ? '' : `${accountId}/`}seal-target`;
	const answer: Answer<{ target: SealRecipient | null }> = await callApi(path);
	if (!answer.ok || answer.body.target === null) return { password };
	const { target } = answer.body;
	return { sealed: { accountId: target.accountId, text: await seal(password, { ...target, ...login }) } };
}

/** The body of a form with the password sealed, if it has one. */
export async function withSealedPassword(
	body: Record<string, string>,
	account: AccountView | null
): Promise<Record<string, unknown>> {
	const { password, ...rest } = body;
	if (password === undefined) return body;
	const login = {
		accountNumber: rest.accountNumber ?? account?.accountNumber ?? '',
		serverName: rest.serverName ?? account?.serverName ?? ''
	};
	const credential = await sealedCredential(account?.id ?? null, login, password);
	if ('password' in credential) return { ...rest, ...credential };
	// An existing account has its id in the address.
	return { ...rest, sealed: account === null ? credential.sealed : credential.sealed.text };
}
