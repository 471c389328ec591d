/**
 * What is open on all accounts as rows of one table: filtered, sorted, summed. Sums are per currency, demo apart from
 * real, and say which accounts are behind them.
 */
import { addDecimals, compareDecimals } from '#lib/domain/decimal.ts';
import type { OpenItemsView, OrderView, PositionView } from '#lib/domain/openItems.ts';
import type { AccountKindName, AccountView } from '#lib/domain/views.ts';

/** One account, and what is known to be open on it. */
export interface AccountBook {
	account: AccountView;
	/** What is shown is history, not the present. */
	isStale: boolean;
	/** Null: nobody told it. */
	open: OpenItemsView['open'];
}

export interface Row<T> {
	book: AccountBook;
	item: T;
}

export interface BookFilter {
	/** Empty: all. */
	accountId: string;
	tag: string;
	symbol: string;
}

export const POSITION_KEYS = [
	'account',
	'symbol',
	'ticket',
	'time',
	'type',
	'lots',
	'price',
	'sl',
	'tp',
	'priceCurrent',
	'swap',
	'profit',
	'comment'
] as const;
export type SortKey = (typeof POSITION_KEYS)[number] | 'state';

export interface Sorting {
	key: SortKey;
	isDescending: boolean;
}

export function rowsOf<K extends 'positions' | 'orders'>(
	books: readonly AccountBook[],
	kind: K,
	symbol: string
): Row<NonNullable<OpenItemsView['open']>[K][number]>[] {
	return books.flatMap((book) =>
		(book.open?.[kind] ?? []).flatMap((item) =>
			symbol === '' || item.symbol === symbol ? [{ book, item }] : []
		)
	);
}

export function symbolsIn(books: readonly AccountBook[]): string[] {
	const items = books.flatMap(({ open }) => [...(open?.positions ?? []), ...(open?.orders ?? [])]);
	return [...new Set(items.map(({ symbol }) => symbol))].sort();
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
/** What is not set comes last, whichever way the rest is sorted. */
function byAmount(a: string | null, b: string | null, direction: number): number {
	if (a === null || b === null) return Number(a === null) - Number(b === null);
	return direction * compareDecimals(a, b);
}

function compare(
	a: Row<PositionView | OrderView>,
	b: Row<PositionView | OrderView>,
	sorting: Sorting
): number {
	const { key } = sorting;
	const direction = sorting.isDescending ? -1 : 1;
	const [x, y] = [a.item, b.item];
	switch (key) {
		case 'account':
			return direction * byText(a.book.account.name.toLowerCase(), b.book.account.name.toLowerCase());
		case 'symbol':
		case 'type':
		case 'comment':
			return direction * byText(x[key].toLowerCase(), y[key].toLowerCase());
		case 'ticket':
		case 'lots':
		case 'price':
		case 'sl':
		case 'tp':
		case 'priceCurrent':
			return byAmount(x[key], y[key], direction);
		case 'time':
			return direction * byText(x.at ?? x.serverTime, y.at ?? y.serverTime);
		case 'swap':
		case 'profit':
			return byAmount('swap' in x ? x[key] : null, 'swap' in y ? y[key] : null, direction);
		case 'state':
			return direction * byText('state' in x ? x.state : '', 'state' in y ? y.state : '');
	}
}

/** In the order asked for; what is equal there by account and then by time, as MetaTrader has it. */
export function sortRows<T extends PositionView | OrderView>(
	rows: readonly Row<T>[],
	sorting: Sorting
): Row<T>[] {
	const place = new Map<string, number>();
	for (const { book } of rows) place.set(book.account.id, place.get(book.account.id) ?? place.size);
	return rows.toSorted(
		(a, b) =>
			compare(a, b, sorting) ||
			(place.get(a.book.account.id) ?? 0) - (place.get(b.book.account.id) ?? 0) ||
			byText(a.item.serverTime, b.item.serverTime)
	);
}

export interface BookTotal {
	currency: string;
	kind: AccountKindName;
	currencyDigits: number;
	accounts: number;
	counted: number;
	stale: number;
	missing: number;
	/** Nothing is fresh: these are the sums of what was seen last. */
	isStale: boolean;
	positions: number;
	orders: number;
	lots: string;
	swap: string;
	/** With swap. */
	profit: string;
	withoutStop: number;
}

/** Real money first, then by currency. */
export function totalsOf(books: readonly AccountBook[], symbol: string): BookTotal[] {
	const groups = new Map<string, AccountBook[]>();
	for (const book of books) {
		const key = `${book.account.kind === 'REAL' ? 0 : 1} ${book.account.currency}`;
		groups.set(key, [...(groups.get(key) ?? []), book]);
	}
	return [...groups]
		.toSorted(([a], [b]) => byText(a, b))
		.flatMap(([, group]) => totalOf(group, symbol) ?? []);
}

function totalOf(group: readonly AccountBook[], symbol: string): BookTotal | null {
	const [first] = group;
	if (!first) return null;
	const known = group.filter(({ open }) => open !== null);
	const fresh = known.filter(({ isStale }) => !isStale);
	const counted = fresh.length > 0 ? fresh : known;
	const positions = rowsOf(counted, 'positions', symbol).map(({ item }) => item);
	return {
		currency: first.account.currency,
		kind: first.account.kind,
		currencyDigits: Math.max(2, ...group.map(({ account }) => account.figures?.currencyDigits ?? 2)),
		accounts: group.length,
		counted: counted.length,
		stale: known.length - fresh.length,
		missing: group.length - known.length,
		isStale: fresh.length === 0 && known.length > 0,
		positions: positions.length,
		orders: rowsOf(counted, 'orders', symbol).length,
		lots: addDecimals('0', ...positions.map(({ lots }) => lots)),
		swap: addDecimals('0', ...positions.map(({ swap }) => swap)),
		profit: addDecimals('0', ...positions.flatMap(({ profit, swap }) => [profit, swap])),
		withoutStop: positions.filter(({ sl }) => sl === null).length
	};
}

/** `5 accounts`, or `3 of 5 accounts, 1 stale, 1 not known`. */
export function coverageWords({ accounts, counted, stale, missing, isStale }: BookTotal): string {
	const noun = accounts === 1 ? 'account' : 'accounts';
	if (missing === accounts)
		return accounts === 1 ? '1 account, not known' : `${accounts} accounts, none known`;
	const parts = [counted === accounts ? `${accounts} ${noun}` : `${counted} of ${accounts} ${noun}`];
	if (isStale) parts.push('as last seen');
	else if (stale > 0) parts.push(`${stale} stale`);
	if (missing > 0) parts.push(`${missing} not known`);
	return parts.join(', ');
}

/** How many of an account's positions and orders are open and not in its rows; 0 when all are told. */
export function untold({ account, open }: AccountBook): number {
	if (!open || !account.figures) return 0;
	const { openPositions, pendingOrders } = account.figures;
	return Math.max(0, openPositions + pendingOrders - open.positions.length - open.orders.length);
}
