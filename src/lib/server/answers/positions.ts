/** What GET /api/user/positions answers: src/lib/domain/openItems.ts says what each field means. */
import { z } from 'zod';
import { ORDER_STATES, ORDER_TYPES, type OpenBookView } from '#lib/domain/openItems.ts';
import { decimal, moment } from './common.ts';
import { exactly } from './exactly.ts';

const item = {
	ticket: z.string(),
	at: moment
		.nullable()
		.meta({ description: 'null: how far the broker’s clock is ahead of UTC is not known' }),
	serverTime: z.string().meta({ description: 'The broker’s clock, as `2026-03-02 12:00:00.000`' }),
	symbol: z.string(),
	lots: decimal,
	price: decimal,
	sl: decimal.nullable(),
	tp: decimal.nullable(),
	priceCurrent: decimal,
	magic: z.string(),
	comment: z.string()
};

export const openBookSchema = exactly<OpenBookView>()(
	z
		.strictObject({
			serverTime: moment,
			accounts: z.array(
				z.strictObject({
					accountId: z.uuid(),
					open: z
						.strictObject({
							positions: z.array(
								z
									.strictObject({
										...item,
										type: z.enum(['buy', 'sell']),
										swap: decimal,
										profit: decimal.meta({ description: 'Without swap, as MetaTrader shows it' })
									})
									.meta({ id: 'Position' })
							),
							orders: z.array(
								z
									.strictObject({
										...item,
										type: z.enum(ORDER_TYPES),
										stopLimit: decimal.nullable(),
										state: z.enum(ORDER_STATES)
									})
									.meta({ id: 'PendingOrder' })
							)
						})
						.nullable()
						.meta({
							description: 'null: nobody told it. The figures of the account count more than the hundred rows'
						})
				})
			)
		})
		.meta({ id: 'OpenBook' })
);
