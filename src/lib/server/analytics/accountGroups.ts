/** Which accounts may be added up, and what every answer of /api/analytics says of those it is about. */
import type { RangeView } from '#lib/domain/analyticsViews.ts';
import type { AccountView } from '#lib/domain/views.ts';

export interface AccountGroup {
	key: string;
	accounts: AccountView[];
}

/** Currencies are never added, nor real money to demo money. Real money first, then the larger groups. */
export function groupAccounts(accounts: readonly AccountView[]): AccountGroup[] {
	return [...Map.groupBy(accounts, ({ kind, currency }) => `${kind} ${currency}`)]
		.map(([key, members]) => ({ key, accounts: members }))
		.sort(
			(a, b) =>
				Number(b.key.startsWith('REAL')) - Number(a.key.startsWith('REAL')) ||
				b.accounts.length - a.accounts.length ||
				a.key.localeCompare(b.key)
		);
}

/** The broker's word, once it was heard. */
export const currencyDigits = (account: AccountView): number => account.figures?.currencyDigits ?? 2;

export function scopeOf({ accounts, range }: { accounts: readonly AccountView[]; range: RangeView }) {
	return {
		range,
		totalAccounts: accounts.length,
		connectedAccounts: accounts.filter(({ connection }) => connection === 'connected').length
	};
}
