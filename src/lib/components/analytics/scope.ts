/** Which accounts and which days a page is about: it lies in the address, so that it can be kept and sent. */

import { hasTag } from '#lib/domain/tags.ts';

const ACCOUNTS = ['account_ids', 'tag'] as const;
const DAYS = ['days', 'from', 'to'] as const;
const SCOPE = [...ACCOUNTS, ...DAYS];

/** Which accounts, as one word for a list of choices: `all`, `tag:Swing` or `id:…`. */
export function chosenAccounts(params: URLSearchParams): string {
	const tag = params.get('tag');
	const id = params.get('account_ids');
	return tag ? `tag:${tag}` : id ? `id:${id}` : 'all';
}

/** What of the address says which accounts, for a form that asks for other days of them. */
export const scopeOfAccounts = (params: URLSearchParams): [name: string, value: string][] =>
	[...params].filter(([name, value]) => ACCOUNTS.some((one) => one === name) && value !== '');

/** Those of the accounts that the address is about. */
export function accountsInScope<Account extends { id: string; tags: readonly string[] }>(
	accounts: readonly Account[],
	params: URLSearchParams
): Account[] {
	const tag = params.get('tag');
	const ids = params.get('account_ids')?.split(',').filter(Boolean) ?? [];
	return accounts.filter(
		(account) => (!tag || hasTag(account, tag)) && (ids.length === 0 || ids.includes(account.id))
	);
}

/** The address of the same page about other accounts. @param choice as from `chosenAccounts` */
export function addressOfAccounts(url: URL, choice: string): string {
	const [name, ...rest] = choice.split(':');
	const value = rest.join(':');
	return addressWith(
		url,
		ACCOUNTS,
		name === 'tag' ? { tag: value } : name === 'id' ? { account_ids: value } : {}
	);
}

/** The address of the same page about the last so many days, or `all`. */
export const addressOfDays = (url: URL, days: string): string => addressWith(url, DAYS, { days });

/** What of the address the API takes, as its query. */
export function scopeQuery(params: URLSearchParams, defaults: Record<string, string> = {}): string {
	const own = SCOPE.flatMap((name) => {
		const value = params.get(name);
		return value ? [[name, value]] : [];
	});
	const hasDays = own.some(([name]) => DAYS.some((one) => one === name));
	return new URLSearchParams([...own, ...(hasDays ? [] : Object.entries(defaults))]).toString();
}

function addressWith(
	{ pathname, searchParams }: URL,
	left: readonly string[],
	set: Record<string, string>
): string {
	const kept = [...searchParams].filter(([name, value]) => !left.includes(name) && value !== '');
	const search = new URLSearchParams([...kept, ...Object.entries(set)]).toString();
	return search === '' ? pathname : `${pathname}?${search}`;
}
