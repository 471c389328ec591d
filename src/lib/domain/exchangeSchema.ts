/** What a trader may say of currencies and rates; apart from exchange.ts, because the pages use that one and need no zod. */
import { z } from 'zod';

const MOST_RATES = 20;

const currency = z
	.string()
	.trim()
	.toUpperCase()
	.pipe(z.string().regex(/^[A-Z]{3}$/, 'Give a currency as its three letters, such as USD.'));

export const currencyPatchSchema = z.strictObject({
	totalCurrency: currency.nullable(),
	/** Rates that are not named stay as they are. An empty one is forgotten. */
	rates: z
		.array(
			z.strictObject({
				from: currency,
				rate: z
					.string()
					.trim()
					.regex(/^(\d{1,9}(\.\d{1,9})?)?$/, 'Give a rate as a number, such as 0.9215.')
					.refine((text) => text === '' || /[1-9]/.test(text), 'A rate is above zero.')
			})
		)
		.max(MOST_RATES)
		.default([])
});
export type CurrencyPatch = z.infer<typeof currencyPatchSchema>;
