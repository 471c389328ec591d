/** Which deals are asked for, as it comes in the address of a page or of the API. */
import { z } from 'zod';
import { DEAL_KINDS, DEAL_SORTS } from '#lib/domain/dealViews.ts';
import { accountIdsSchema } from './analyticsRequest.ts';

/** The place of a deal in the order of time; account and ticket settle it among deals of one moment. */
export interface DealCursor {
	at: string;
	ticket: string;
	accountId: string;
}

export const printCursor = ({ at, ticket, accountId }: DealCursor): string => `${at}_${ticket}_${accountId}`;

const cursor = z
	.string()
	.max(120)
	.transform((text, context): DealCursor => {
		const [at, ticket, accountId, ...rest] = text.split('_');
		const parsed = z
			.object({ at: z.iso.datetime(), ticket: z.string().regex(/^\d{1,20}$/), accountId: z.uuid() })
			.safeParse({ at, ticket, accountId });
		if (!parsed.success || rest.length > 0) {
			context.addIssue({ code: 'custom', message: 'This is no place in the list.' });
			return z.NEVER;
		}
		return parsed.data;
	});

const day = z.iso.date('Give a date as YYYY-MM-DD.');

export const dealFilterSchema = z.strictObject({
	account_ids: accountIdsSchema.optional(),
	/** As the broker writes it, in capitals or not. */
	symbol: z.string().trim().max(32).optional(),
	side: z.enum(['buy', 'sell']).optional(),
	kind: z.enum(DEAL_KINDS).optional(),
	/** Days in UTC, both included. */
	from: day.optional(),
	to: day.optional(),
	sort: z.enum(DEAL_SORTS).default('newest'),
	/** Where the page before ended, in the order asked for. */
	before: cursor.optional()
});
export type DealFilter = z.infer<typeof dealFilterSchema>;
