/**
 * Exact arithmetic for metrics. Sums of money never round: 40 significant digits hold any sum of amounts of
 * 15 digits before and 8 after the point. Only quotients and roots round, at the last of them.
 */
import { Decimal as Library } from 'decimal.js';

export const Decimal = Library.clone({ precision: 40, rounding: Library.ROUND_HALF_UP });
export type Decimal = Library;
export const ZERO: Decimal = new Decimal(0);

/** Finest digit of an amount of money that is split, as the database holds it. */
export const MONEY_FRACTION_DIGITS = 8;

export function sum(amounts: Iterable<Decimal>): Decimal {
	let total = ZERO;
	for (const amount of amounts) total = total.plus(amount);
	return total;
}
