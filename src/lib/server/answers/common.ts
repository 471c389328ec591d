/** Parts of many answers. */
import { z } from 'zod';

/** Exact; never a float. */
export const decimal = z.string().meta({ description: 'Exact decimal number' });
export const moment = z.iso.datetime().meta({ description: 'UTC' });
export const day = z.iso.date().meta({ description: 'A day of UTC' });
export const accountKind = z.enum(['DEMO', 'REAL']);
export const wanted = z.enum(['RUNNING', 'PAUSED', 'STOPPED']);

/** The shape of every refusal. */
export const errorSchema = z
	.strictObject({
		error: z.strictObject({
			code: z.string().meta({ description: 'Stable: for programs' }),
			message: z.string().meta({ description: 'For people: what is wrong, and what to do next' }),
			requestId: z.string().meta({ description: 'Finds this request in the server’s log' }),
			fields: z
				.record(z.string(), z.string())
				.optional()
				.meta({ description: 'By field of the input: what is wrong with it' })
		})
	})
	.meta({ id: 'Error' });

/** A page of a list, newest first unless asked otherwise. */
export const pageOf = <Line extends z.ZodType>(line: Line) =>
	z.strictObject({
		lines: z.array(line),
		nextCursor: z
			.string()
			.nullable()
			.meta({ description: 'Give it as `before` for the next page; null on the last' })
	});
