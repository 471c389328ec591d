/**
 * Amounts of several currencies as one. The rates are the trader's own (docs/decisions/0028): an amount without a rate is
 * left out of the sum and named, never taken as zero or as one to one.
 */
import { addDecimals, multiplyDecimals } from './decimal.ts';

/** From this age on a rate is marked as old: currencies move by more than a trader would round. */
export const OLD_RATE_MS = 7 * 86_400_000;

export interface RateView {
	/** One unit of it… */
	from: string;
	/** …is worth so much of the total's currency. */
	rate: string;
	/** ISO 8601 UTC: when the trader set it. */
	setAt: string;
}

/** GET and PATCH /api/user/currency */
export interface CurrencyView {
	/** The currency that totals are shown in, too; null: each currency by itself. */
	totalCurrency: string | null;
	/** To that currency. */
	rates: RateView[];
}

export interface Converted {
	/** Of those that could be converted; null when none could. */
	total: string | null;
	/** The rates that are in it. */
	used: RateView[];
	/** Currencies that are not in it, since no rate is known. */
	missing: string[];
}

/** The amounts as one sum in the total's currency. */
export function convertAmounts(
	amounts: readonly { currency: string; amount: string }[],
	{ totalCurrency, rates }: CurrencyView
): Converted {
	const parts: string[] = [];
	const used = new Map<string, RateView>();
	const missing = new Set<string>();
	for (const { currency: from, amount } of amounts) {
		const rate = rates.find((one) => one.from === from);
		if (from === totalCurrency) parts.push(amount);
		else if (rate) {
			used.set(from, rate);
			parts.push(multiplyDecimals(amount, rate.rate));
		} else missing.add(from);
	}
	return {
		total: parts.length === 0 ? null : addDecimals(...parts),
		used: [...used.values()],
		missing: [...missing].sort()
	};
}
