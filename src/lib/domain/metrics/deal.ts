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
	 * `flow`: money that the trader or broker put in or took out (DEAL_TYPE_BALANCE, CREDIT, BONUS,
	 * CORRECTION). `charge`: a cost or yield of holding the account (CHARGE, COMMISSION…, INTEREST, DIVIDEND,
	 * TAX): part of the profit, of no trade.
	 */
	kind: 'flow' | 'charge';
}

export type Deal = TradingDeal | BalanceDeal;

/** DEAL_TYPE_BALANCE, CREDIT, CORRECTION and BONUS of ENUM_DEAL_TYPE. */
const FLOWS: ReadonlySet<number> = new Set([2, 3, 5, 6]);

/** What a deal of this ENUM_DEAL_TYPE is to metrics. */
export function dealKindOf(type: number): Deal['kind'] {
	if (type < 2) return 'trade';
	return FLOWS.has(type) ? 'flow' : 'charge';
}

/** What the deal changed the balance by: profit + swap + commission + fee. */
export function amountOf(deal: Amounts): Decimal {
	return deal.profit.plus(deal.swap).plus(deal.commission).plus(deal.fee);
}

/** Chronological; deals of one millisecond in the order of their tickets, which the broker hands out in order. */
export function byTime(a: Amounts, b: Amounts): number {
	return a.timeMs - b.timeMs || (a.ticket < b.ticket ? -1 : a.ticket > b.ticket ? 1 : 0);
}
