/**
 * Returns per period with deposits and withdrawals kept out, and what follows from them.
 *
 * The return of a period is profit ÷ capital at work. The capital is the equity at the start plus what was
 * paid in during the period: money that comes in is taken to work from the period's start, money that goes
 * out to have worked until its end, so that a deposit or a withdrawal alone never makes a gain or a loss
 * (Dietz's method with a stated day weight: GIPS Standards 2020, glossary "time-weighted return").
 */
import type { CurvePoint } from './drawdown.ts';
import { Decimal, sum, ZERO } from './money.ts';

export interface Period {
	/** End of the period. */
	atMs: number;
	/** Equity (or balance) at its start and end. */
	start: Decimal;
	end: Decimal;
	/** Paid in, and paid out (both zero or more). */
	deposits: Decimal;
	withdrawals: Decimal;
}

/** Profit without what was paid in or out. */
export const profitOf = (period: Period): Decimal =>
	period.end.minus(period.start).minus(period.deposits).plus(period.withdrawals);

/** The period's return as a share (0.01 = 1 %); null when no capital was at work. */
export function returnOf(period: Period): Decimal | null {
	const capital = period.start.plus(period.deposits);
	return capital.gt(0) ? profitOf(period).div(capital) : null;
}

/** Growth of one unit of capital along the periods, from 1; a period without capital leaves it as it is. */
export function growthIndex(periods: readonly Period[]): CurvePoint[] {
	let value: Decimal = new Decimal(1);
	return periods.map((period) => {
		value = value.times((returnOf(period) ?? ZERO).plus(1));
		return { atMs: period.atMs, value };
	});
}

/** Time-weighted gain over all periods, as a share; null without a period in which capital was at work. */
export function gain(periods: readonly Period[]): Decimal | null {
	if (!periods.some((period) => returnOf(period) !== null)) return null;
	return (growthIndex(periods).at(-1)?.value ?? new Decimal(1)).minus(1);
}

/** Trading days of a year, by which daily ratios are scaled. */
export const TRADING_DAYS_PER_YEAR = 252;
/** With fewer daily returns than these a ratio says nothing, and is not given. */
export const MIN_DAILY_RETURNS = 20;

function mean(values: readonly Decimal[]): Decimal {
	return sum(values).div(values.length);
}

const perYear = (daily: Decimal): Decimal => daily.times(new Decimal(TRADING_DAYS_PER_YEAR).sqrt());

/**
 * Sharpe ratio of daily returns, risk-free rate zero, scaled to a year: mean ÷ sample standard deviation × √252.
 * Null with fewer than MIN_DAILY_RETURNS returns, or when they do not vary.
 * @see Sharpe, "The Sharpe Ratio", Journal of Portfolio Management 21 (1994); scaling: Lo (2002), eq. 9
 */
export function sharpe(dailyReturns: readonly Decimal[]): Decimal | null {
	if (dailyReturns.length < MIN_DAILY_RETURNS) return null;
	const average = mean(dailyReturns);
	const squares = sum(dailyReturns.map((value) => value.minus(average).pow(2)));
	const deviation = squares.div(dailyReturns.length - 1).sqrt();
	return deviation.isZero() ? null : perYear(average.div(deviation));
}

/**
 * Sortino ratio of daily returns, target zero, scaled to a year: mean ÷ downside deviation × √252, where the
 * downside deviation is the root of the mean of squared losses over *all* days.
 * Null with fewer than MIN_DAILY_RETURNS returns, or without a losing day.
 * @see Sortino & Price, "Performance Measurement in a Downside Risk Framework", Journal of Investing 3 (1994)
 */
export function sortino(dailyReturns: readonly Decimal[]): Decimal | null {
	if (dailyReturns.length < MIN_DAILY_RETURNS) return null;
	const losses = dailyReturns.map((value) => Decimal.min(value, ZERO).pow(2));
	const deviation = mean(losses).sqrt();
	return deviation.isZero() ? null : perYear(mean(dailyReturns).div(deviation));
}

/** Net profit ÷ the deepest fall of the profit curve, both in money; null when it never fell. */
export function recoveryFactor(netProfit: Decimal, maxDrawdownMoney: Decimal | null): Decimal | null {
	return maxDrawdownMoney === null || maxDrawdownMoney.isZero() ? null : netProfit.div(maxDrawdownMoney);
}
