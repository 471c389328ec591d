/** What the currency of totals answers. */
import { z } from 'zod';
import type { CurrencyView } from '#lib/domain/exchange.ts';
import { decimal, moment } from './common.ts';
import { exactly } from './exactly.ts';

export const currencySchema = exactly<CurrencyView>()(
	z
		.strictObject({
			totalCurrency: z.string().nullable(),
			rates: z.array(
				z.strictObject({
					from: z.string(),
					rate: decimal.meta({ description: 'What one unit is worth in the total’s currency' }),
					setAt: moment
				})
			)
		})
		.meta({ id: 'Currency' })
);
