/**
 * Sums over trades, which can be joined: the statistics of two periods, symbols or accounts put together are
 * the statistics of all their trades. docs/metrics.md holds the formulas with their sources.
 */
import { Decimal, ZERO } from './money.ts';
import type { Trade } from './trades.ts';

export interface TradeSums {
	trades: number;
	/** Trades with a net above zero… */
	wins: number;
	/** …and below zero; what is left came out even. */
	losses: number;
	/** Sum of the nets above zero. */
	grossProfit: Decimal;
	/** Sum of the nets below zero: zero or negative. */
	grossLoss: Decimal;
	volumeLots: Decimal;
	best: Decimal | null;
	worst: Decimal | null;
	/** Trades whose entry is known, and their holding times together. */
	heldTrades: number;
	heldMs: number;
}

export const NO_TRADES: TradeSums = {
	trades: 0,
	wins: 0,
	losses: 0,
	grossProfit: ZERO,
	grossLoss: ZERO,
	volumeLots: ZERO,
	best: null,
	worst: null,
	heldTrades: 0,
	heldMs: 0
};

export function sumsOfTrade(trade: Trade): TradeSums {
	const isWin = trade.net.isPositive() && !trade.net.isZero();
	const isLoss = trade.net.isNegative() && !trade.net.isZero();
	return {
		trades: 1,
		wins: isWin ? 1 : 0,
		losses: isLoss ? 1 : 0,
		grossProfit: isWin ? trade.net : ZERO,
		grossLoss: isLoss ? trade.net : ZERO,
		volumeLots: trade.volumeLots,
		best: trade.net,
		worst: trade.net,
		heldTrades: trade.openedAtMs === null ? 0 : 1,
		heldMs: trade.openedAtMs === null ? 0 : trade.closedAtMs - trade.openedAtMs
	};
}

const further = (pick: (a: Decimal, b: Decimal) => Decimal, a: Decimal | null, b: Decimal | null) =>
	a === null ? b : b === null ? a : pick(a, b);

/** Neither order nor grouping matters. */
export function joinSums(a: TradeSums, b: TradeSums): TradeSums {
	return {
		trades: a.trades + b.trades,
		wins: a.wins + b.wins,
		losses: a.losses + b.losses,
		grossProfit: a.grossProfit.plus(b.grossProfit),
		grossLoss: a.grossLoss.plus(b.grossLoss),
		volumeLots: a.volumeLots.plus(b.volumeLots),
		best: further((x, y) => Decimal.max(x, y), a.best, b.best),
		worst: further((x, y) => Decimal.min(x, y), a.worst, b.worst),
		heldTrades: a.heldTrades + b.heldTrades,
		heldMs: a.heldMs + b.heldMs
	};
}

/** Figures that sums alone give. Null: there is nothing to divide by, so the figure does not exist. */
export interface TradeRatios {
	/** Wins ÷ trades, 0 to 1. */
	winRate: Decimal | null;
	/** Gross profit ÷ |gross loss|; null without a losing trade. */
	profitFactor: Decimal | null;
	/** Mean net of a trade, in money. */
	expectancy: Decimal | null;
	averageWin: Decimal | null;
	/** Zero or negative. */
	averageLoss: Decimal | null;
	averageHoldingMs: number | null;
}

const quotient = (dividend: Decimal, divisor: Decimal | number): Decimal | null =>
	new Decimal(divisor).isZero() ? null : dividend.div(divisor);

export function ratiosOf(sums: TradeSums): TradeRatios {
	return {
		winRate: quotient(new Decimal(sums.wins), sums.trades),
		profitFactor: quotient(sums.grossProfit, sums.grossLoss.abs()),
		expectancy: quotient(sums.grossProfit.plus(sums.grossLoss), sums.trades),
		averageWin: quotient(sums.grossProfit, sums.wins),
		averageLoss: quotient(sums.grossLoss, sums.losses),
		averageHoldingMs: sums.heldTrades === 0 ? null : sums.heldMs / sums.heldTrades
	};
}
