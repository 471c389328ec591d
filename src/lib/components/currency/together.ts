/** Rows of a table over several currencies, put together per kind of money: demo money is never added to real money. */
import { convertAmounts, type CurrencyView, type RateView } from '#lib/domain/exchange.ts';
import type { AccountKindName } from '#lib/domain/views.ts';

export interface MoneyGroup {
	kind: AccountKindName;
	currency: string;
	/** One for each column; null: not known. */
	amounts: readonly (string | null)[];
	/** It is not all, or not of now: in words. */
	lack: string | null;
}

export interface TogetherRow {
	kind: AccountKindName;
	/** One for each column; null: nothing of it could be converted. */
	totals: (string | null)[];
	used: RateView[];
	/** Currencies without a rate, which are not in the totals. */
	missing: string[];
	/** What is said of the groups that are in them. */
	lacks: string[];
}

export function putTogether(groups: readonly MoneyGroup[], currency: CurrencyView): TogetherRow[] {
	return [...Map.groupBy(groups, ({ kind }) => kind)].map(([kind, own]) => {
		const known = own.filter(({ amounts }) => amounts.some((amount) => amount !== null));
		const columns = own[0]?.amounts.map((_, column) =>
			convertAmounts(
				known.flatMap(({ currency: from, amounts }) => {
					const amount = amounts[column] ?? null;
					return amount === null ? [] : [{ currency: from, amount }];
				}),
				currency
			)
		);
		const [first] = columns ?? [];
		return {
			kind,
			totals: columns?.map(({ total }) => total) ?? [],
			used: first?.used ?? [],
			missing: first?.missing ?? [],
			lacks: own.flatMap(({ lack, currency: from }) => (lack === null ? [] : [`${from}: ${lack}`]))
		};
	});
}
