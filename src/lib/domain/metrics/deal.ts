/** A deal in MetaTrader 5's own words (MQL5 Reference, "Deal Properties"), as metrics need it. */
import type { Decimal } from './money.ts';

/** DEAL_ENTRY of a deal that trades. */
export type DealEntry = 'in' | 'out' | 'inout' | 'out_by';

interface Amounts {
	/** Unique in its account. */
	ticket: bigint;
	/** When, in milliseconds of UTC: the broker's own clock jumps twice a year. */
	timeMs: number;
	profit: Decimal;
	swap: Decimal;
	commission: Decimal;
	fee: Decimal;
}

/** DEAL_TYPE_BUY or DEAL_TYPE_SELL. */
export interface TradingDeal extends Amounts {
	kind: 'trade';
	positionId: bigint;
	symbol: string;
	side: 'buy' | 'sell';
	entry: DealEntry;
	volumeLots: Decimal;
}

/** Everything else that changes the balance. */
export interface BalanceDeal extends Amounts {
	/**
	 * `flow`: money that the trader or broker put in or took out (DEAL_TYPE_BALANCE, CORRECTION, and what the broker
	 * gives after a stop out). `charge`: a cost or yield of holding the account (CHARGE, COMMISSION…, INTEREST,
	 * DIVIDEND, TAX): part of the profit, of no trade.
	 */
	kind: 'flow' | 'charge';
}

/** Money that the broker lends or takes back (DEAL_TYPE_CREDIT, BONUS): in the equity, never in the balance. */
export interface CreditDeal extends Amounts {
	kind: 'credit';
}

export type Deal = TradingDeal | BalanceDeal | CreditDeal;

/** DEAL_TYPE_BALANCE, CORRECTION, and the server's DEAL_SO_COMPENSATION: a negative balance brought to zero. */
const FLOWS: ReadonlySet<number> = new Set([2, 5, 19]);
/** DEAL_TYPE_CREDIT, BONUS, and the server's DEAL_SO_COMPENSATION_CREDIT: credit taken back after that. */
const CREDITS: ReadonlySet<number> = new Set([3, 6, 20]);

/** What a deal of this ENUM_DEAL_TYPE is to metrics (docs/metrics.md has the table and its sources). */
export function dealKindOf(type: number): Deal['kind'] {
	if (type < 2) return 'trade';
	if (CREDITS.has(type)) return 'credit';
	return FLOWS.has(type) ? 'flow' : 'charge';
}

/** What the deal changed the balance by, or of a credit the credit: profit + swap + commission + fee. */
export function amountOf(deal: Amounts): Decimal {
	return deal.profit.plus(deal.swap).plus(deal.commission).plus(deal.fee);
}

/** Chronological; deals of one millisecond in the order of their tickets, which the broker hands out in order. */
export function byTime(a: Amounts, b: Amounts): number {
	return a.timeMs - b.timeMs || (a.ticket < b.ticket ? -1 : a.ticket > b.ticket ? 1 : 0);
}
