/** What the account form sends: everything for a new account, only what was changed for an existing one. */
import { splitTags } from '#lib/domain/tags.ts';
import type { AccountKindName, AccountView } from '#lib/domain/views.ts';

export interface AccountDraft {
	accountNumber: string;
	/** Never prefilled; empty keeps the present one. */
	password: string;
	name: string;
	broker: string;
	serverName: string;
	kind: AccountKindName;
	currency: string;
	/** With commas between. */
	tags: string;
}

const LABELS = {
	accountNumber: 'account number',
	password: 'password',
	broker: 'broker',
	serverName: 'server',
	currency: 'currency'
} as const;

/** The stored password is sealed for the server it was entered for. */
export const needsPasswordAgain = (draft: AccountDraft, account: AccountView | null): boolean =>
	account !== null && draft.serverName.trim() !== account.serverName;

/** The fields that must not be empty, each with what to say; the server checks the rest. */
export function missingFields(draft: AccountDraft, account: AccountView | null): Record<string, string> {
	const missing: Record<string, string> = {};
	for (const [field, label] of Object.entries(LABELS)) {
		if (field === 'password' && account !== null && !needsPasswordAgain(draft, account)) continue;
		if (draft[field as keyof typeof LABELS].trim() === '') missing[field] = `The ${label} is missing.`;
	}
	if (account !== null && draft.name.trim() === '') missing.name = 'The name is missing.';
	return missing;
}

/** The tags, where they were changed. */
export function tagsPatch(draft: AccountDraft, account: AccountView | null): { tags?: string[] } {
	const tags = splitTags(draft.tags);
	return tags.join() === (account?.tags ?? []).join() ? {} : { tags };
}

export function accountPatch(draft: AccountDraft, account: AccountView | null): Record<string, string> {
	const wanted: Record<string, string> = {
		name: draft.name.trim(),
		broker: draft.broker.trim(),
		serverName: draft.serverName.trim(),
		kind: draft.kind,
		currency: draft.currency.trim().toUpperCase()
	};
	// A password may begin or end with a blank only if the server says so; it is sent as typed.
	if (account === null) {
		const { name, ...rest } = wanted;
		const complete = { accountNumber: draft.accountNumber.trim(), password: draft.password, ...rest };
		return name === undefined || name === '' ? complete : { ...complete, name };
	}
	const held: Record<string, string> = {
		name: account.name,
		broker: account.broker,
		serverName: account.serverName,
		kind: account.kind,
		currency: account.currency
	};
	const changed = Object.entries(wanted).filter(([field, value]) => value !== held[field]);
	const patch = Object.fromEntries(changed);
	return draft.password === '' ? patch : { ...patch, password: draft.password };
}
