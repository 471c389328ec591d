/** Deals as the browser gets them. Money, lots and prices are decimal strings, as the broker booked them. */
import type { DealEntry } from './metrics/deal.ts';
import type { AccountKindName } from './views.ts';

export const DEAL_KINDS = ['trade', 'flow', 'charge', 'credit'] as const;
export type DealKindName = (typeof DEAL_KINDS)[number];
/** By time, or by profit: the largest gain first, the largest loss first. */
export const DEAL_SORTS = ['newest', 'oldest', 'best', 'worst'] as const;
export type DealSort = (typeof DEAL_SORTS)[number];
export const isByProfit = (sort: DealSort): boolean => sort === 'best' || sort === 'worst';

export interface DealView {
	account: {
		id: string;
		number: string;
		name: string;
		kind: AccountKindName;
		currency: string;
		currencyDigits: number;
	};
	ticket: string;
	/** ISO 8601 UTC. */
	at: string;
	/** The broker's clock at that moment, as `2026-03-02 12:00:00.000`. */
	serverTime: string;
	kind: DealKindName;
	/** As MetaTrader names it. */
	type: string;
	/** `in`, `out`, `in/out` or `out by`; null unless it trades. */
	direction: string | null;
	positionId: string | null;
	symbol: string | null;
	lots: string | null;
	price: string | null;
	commission: string;
	fee: string;
	swap: string;
	profit: string;
	comment: string | null;
}

/** ENUM_DEAL_TYPE by its number, in the terminal's words (MQL5 Reference, "Deal Properties"). */
const TYPES = [
	'buy',
	'sell',
	'balance',
	'credit',
	'charge',
	'correction',
	'bonus',
	'commission',
	'daily commission',
	'monthly commission',
	'daily agent commission',
	'monthly agent commission',
	'interest',
	'buy canceled',
	'sell canceled',
	'dividend',
	'franked dividend',
	'tax',
	// These the server books, and the Reference does not name (MetaTrader 5 server, EnDealAction).
	'agent commission',
	'stop out compensation',
	'stop out credit compensation'
];

export const dealTypeWord = (type: number): string => TYPES[type] ?? `type ${type}`;

const DIRECTIONS: Record<DealEntry, string> = { in: 'in', out: 'out', inout: 'in/out', out_by: 'out by' };

export const directionWord = (entry: DealEntry): string => DIRECTIONS[entry];
