/** What part of a log is asked for, as it comes in the address of a page or of the API. */
import { z } from 'zod';
import { LOG_LEVELS } from '#lib/domain/logViews.ts';

/** The place of a line: its time and id, which settle the order together. */
export interface LogCursor {
	at: Date;
	id: string;
}

export const printCursor = ({ at, id }: LogCursor): string => `${at.toISOString()}_${id}`;

const cursor = z
	.string()
	.max(80)
	.transform((text, context): LogCursor => {
		const [at = '', id = '', ...rest] = text.split('_');
		const parsed = z.object({ at: z.iso.datetime(), id: z.uuid() }).safeParse({ at, id });
		if (!parsed.success || rest.length > 0) {
			context.addIssue({ code: 'custom', message: 'This is no place in the log.' });
			return z.NEVER;
		}
		return { at: new Date(parsed.data.at), id: parsed.data.id };
	});

/** A place that this server printed itself. */
export const readCursor = (text: string): LogCursor => cursor.parse(text);

const day = z.iso.date('Give a date as YYYY-MM-DD.');

const common = z.object({
	/** Days in UTC, both included. */
	from: day.optional(),
	to: day.optional(),
	before: cursor.optional(),
	/** Everybody's lines; for operators. */
	all: z.literal('true').optional()
});

/** Groups of actions, by what stands before the point. */
export const AUDIT_THINGS = ['account', 'agent', 'command', 'expert', 'settings', 'user'] as const;

/** Of two days, both included. */
export const isInOrder = ({ from, to }: { from?: string | undefined; to?: string | undefined }): boolean =>
	from === undefined || to === undefined || from <= to;
export const OUT_OF_ORDER = { path: ['to'], message: 'Give a last day that is not before the first.' };

export const auditFilterSchema = z
	.strictObject({
		...common.shape,
		thing: z.enum(AUDIT_THINGS).optional()
	})
	.refine(isInOrder, OUT_OF_ORDER);
export type AuditFilter = z.infer<typeof auditFilterSchema>;

export const systemFilterSchema = z
	.strictObject({
		...common.shape,
		/** This level and what is worse. */
		level: z.enum(LOG_LEVELS).optional(),
		/** What was reported of one account; what is no id belongs to no account. */
		account_id: z.string().max(64).optional()
	})
	.refine(isInOrder, OUT_OF_ORDER);
export type SystemFilter = z.infer<typeof systemFilterSchema>;

/** The filter in an address; a field that was left empty is no field. */
export function filterOf(params: URLSearchParams): Record<string, string> {
	return Object.fromEntries([...params].filter(([, value]) => value !== ''));
}
