/** Which deals are asked for, as it comes in the address of a page or of the API. */
import { z } from 'zod';
import { DEAL_KINDS, DEAL_SORTS, isByProfit } from '#lib/domain/dealViews.ts';
import { isInOrder, OUT_OF_ORDER } from '../audit/logFilter.ts';
import { accountIdsSchema } from './analyticsRequest.ts';

/** The place of a deal in the list; ticket and account settle it among deals of one moment, or of one profit. */
export interface DealCursor {
	/** What the list is sorted by: a moment in ISO 8601, or the profit as a decimal number. */
	key: string;
	ticket: string;
	accountId: string;
}

export const printCursor = ({ key, ticket, accountId }: DealCursor): string =>
	`${key}_${ticket}_${accountId}`;

const NO_PLACE = 'This is no place in the list.';
const moment = z.iso.datetime();
const amount = z.string().regex(/^-?\d{1,20}(\.\d{1,10})?$/);

const cursor = z
	.string()
	.max(120)
	.transform((text, context): DealCursor => {
		const [key, ticket, accountId, ...rest] = text.split('_');
		const parsed = z
			.object({ key: z.union([moment, amount]), ticket: z.string().regex(/^\d{1,20}$/), accountId: z.uuid() })
			.safeParse({ key, ticket, accountId });
		if (!parsed.success || rest.length > 0) {
			context.addIssue({ code: 'custom', message: NO_PLACE });
			return z.NEVER;
		}
		return parsed.data;
	});

const day = z.iso.date('Give a date as YYYY-MM-DD.');

const fields = z.strictObject({
	account_ids: accountIdsSchema.optional(),
	/** As the broker writes it, in capitals or not. */
	symbol: z.string().trim().max(32).optional(),
	side: z.enum(['buy', 'sell']).optional(),
	kind: z.enum(DEAL_KINDS).optional(),
	/** Days in UTC, both included. */
	from: day.optional(),
	to: day.optional(),
	/** By profit, what was paid in and out counts, too, unless `kind` says otherwise. */
	sort: z.enum(DEAL_SORTS).default('newest'),
	/** Where the page before ended, in the order asked for. */
	before: cursor.optional()
});

export const dealFilterSchema = fields
	.refine(isInOrder, OUT_OF_ORDER)
	.refine(
		({ sort, before }) =>
			before === undefined || (isByProfit(sort) ? amount : moment).safeParse(before.key).success,
		{ path: ['before'], message: NO_PLACE }
	);

/** A place that this server printed itself. */
export const readCursor = (text: string): DealCursor => cursor.parse(text);
export type DealFilter = z.infer<typeof dealFilterSchema>;
