/**
 * Sums over accounts that never hide a hole: per currency, demo apart from real, with the number of accounts
 * behind the sum. A stale account is left out and counted; only when nothing is fresh are the last known
 * figures summed, and marked.
 */
import { addDecimals, signOf } from '#lib/domain/decimal.ts';
import type { AccountKindName, AccountView, FiguresView } from '#lib/domain/views.ts';
import type { SeenAccount } from '../commands/impact.ts';

export interface Totals {
	currency: string;
	kind: AccountKindName;
	currencyDigits: number;
	/** Accounts of this currency and kind. */
	accounts: number;
	/** Of these, how many are in the sums. */
	counted: number;
	stale: number;
	/** The trader disconnected them, so there is nothing to sum. */
	disconnected: number;
	/** Not seen for another reason. */
	missing: number;
	/** Nothing is fresh: the sums are the last known figures. */
	isStale: boolean;
	/** Null when no account has figures. */
	sums: Sums | null;
}

export interface Sums {
	balance: string;
	equity: string;
	floating: string;
	day: string;
	lots: string;
	positions: number;
	unprotected: number;
}

/** Day P&L = closed since the broker's midnight + what floats now. */
export function dayProfit(figures: FiguresView): string {
	return addDecimals(figures.dayClosedProfit, figures.floatingProfit);
}

/** A quotient for the eye: six places, so that a percentage has its two. Null without a capital to compare with. */
function share(part: string, whole: string): string | null {
	if (signOf(whole) <= 0) return null;
	return (Number(part) / Number(whole)).toFixed(6);
}

type DayMoney = Pick<Sums, 'balance' | 'floating' | 'day'>;

/** How far what floats takes the equity below the balance, as a share of it: zero or negative. */
export function floatingDrawdown({ balance, floating }: DayMoney): string | null {
	return share(signOf(floating) < 0 ? floating : '0', balance);
}

/** Day P&L as a share of the balance without it. */
export function dayShare({ balance, floating, day }: DayMoney): string | null {
	const minus = (text: string) => (text.startsWith('-') ? text.slice(1) : `-${text}`);
	return share(day, addDecimals(balance, minus(day), floating));
}

/** The same of one account. */
export const dayMoney = (figures: FiguresView): DayMoney => ({
	balance: figures.balance,
	floating: figures.floatingProfit,
	day: dayProfit(figures)
});

function sumUp(figures: readonly FiguresView[]): Sums | null {
	if (figures.length === 0) return null;
	const money = (pick: (one: FiguresView) => string) => addDecimals(...figures.map(pick));
	const count = (pick: (one: FiguresView) => number) => figures.reduce((sum, one) => sum + pick(one), 0);
	return {
		balance: money((one) => one.balance),
		equity: money((one) => one.equity),
		floating: money((one) => one.floatingProfit),
		day: money(dayProfit),
		lots: money((one) => one.openLots),
		positions: count((one) => one.openPositions),
		unprotected: count((one) => one.unprotectedPositions)
	};
}

function totalsOf(group: readonly SeenAccount[], first: AccountView): Totals {
	const known = group.flatMap(({ account, shown }) =>
		account.figures === null ? [] : [{ figures: account.figures, isStale: shown.areFiguresStale }]
	);
	const fresh = known.filter((one) => !one.isStale);
	const isStale = fresh.length === 0 && known.length > 0;
	const summed = isStale ? known : fresh;
	const disconnected = group.filter(
		({ account }) => account.figures === null && !account.isConnectionWanted
	).length;
	return {
		currency: first.currency,
		kind: first.kind,
		currencyDigits: Math.max(2, ...known.map((one) => one.figures.currencyDigits)),
		accounts: group.length,
		counted: summed.length,
		stale: known.length - fresh.length,
		disconnected,
		missing: group.length - known.length - disconnected,
		isStale,
		sums: sumUp(summed.map((one) => one.figures))
	};
}

/** Real money first, then the larger groups. */
export function totalsByCurrency(seen: readonly SeenAccount[]): Totals[] {
	const groups = new Map<string, SeenAccount[]>();
	for (const one of seen) {
		const key = `${one.account.kind} ${one.account.currency}`;
		groups.set(key, [...(groups.get(key) ?? []), one]);
	}
	return [...groups.values()]
		.flatMap((group) => (group[0] === undefined ? [] : [totalsOf(group, group[0].account)]))
		.sort(
			(a, b) =>
				b.kind.localeCompare(a.kind) || b.accounts - a.accounts || a.currency.localeCompare(b.currency)
		);
}

/** `5 accounts`, or `4 of 5 accounts, 1 stale`. */
export function describeCoverage({
	accounts,
	counted,
	stale,
	disconnected,
	missing,
	isStale
}: Pick<Totals, 'accounts' | 'counted' | 'stale' | 'disconnected' | 'missing' | 'isStale'>): string {
	const noun = accounts === 1 ? 'account' : 'accounts';
	if (isStale && counted === accounts) {
		return accounts === 1 ? 'last known, the account is stale' : `last known, all ${accounts} accounts stale`;
	}
	if (counted === accounts) return `${accounts} ${noun}`;
	const parts = [`${counted} of ${accounts} ${noun}`];
	if (stale > 0) parts.push(`${stale} stale`);
	if (disconnected > 0) parts.push(`${disconnected} disconnected`);
	if (missing > 0) parts.push(`${missing} not seen`);
	return parts.join(', ');
}
