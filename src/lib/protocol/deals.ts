/** Deals as they travel from the agent to the server: raw, as the broker booked them. */
import { z } from 'zod';
import { decimalText, ticketSchema } from './seen.ts';

/** Of either kind, in one frame; together they stay well below MAX_FRAME_BYTES. */
export const MOST_DEALS_PER_FRAME = 100;

/** Further from UTC is no clock on earth. */
export const MOST_OFFSET_MIN = 14 * 60;

/** The database takes no other: no control characters, no halves of a character. */
const plainText = (most: number) =>
	z
		.string()
		.max(most)
		.regex(/^[^\p{Cc}\p{Cs}]*$/u);

const moment = {
	ticket: ticketSchema,
	/** DEAL_TIME_MSC: the clock of the broker's server, as if it were UTC. */
	serverTimeMs: z
		.int()
		.min(0)
		.max(Date.UTC(2100, 0, 1)),
	/** How far that clock was ahead of UTC at that moment, as the agent knows it (brokerClock.ts). */
	gmtOffsetMin: z.int().min(-MOST_OFFSET_MIN).max(MOST_OFFSET_MIN)
};

export const sentDealSchema = z.object({
	...moment,
	positionId: ticketSchema,
	side: z.enum(['buy', 'sell']),
	entry: z.enum(['in', 'out', 'inout', 'out_by']),
	symbol: plainText(32).min(1),
	lots: decimalText,
	price: decimalText,
	profit: decimalText,
	swap: decimalText,
	commission: decimalText,
	fee: decimalText,
	magic: z.int(),
	positionMagic: z.int(),
	/** ENUM_DEAL_REASON. */
	reason: z.int().min(0).max(1_000)
});
export type SentDeal = z.infer<typeof sentDealSchema>;

export const sentOperationSchema = z.object({
	...moment,
	/** ENUM_DEAL_TYPE. */
	type: z.int().min(2).max(1_000),
	amount: decimalText,
	comment: plainText(64)
});
export type SentOperation = z.infer<typeof sentOperationSchema>;

export const dealFields = {
	deals: z.array(sentDealSchema).max(MOST_DEALS_PER_FRAME),
	operations: z.array(sentOperationSchema).max(MOST_DEALS_PER_FRAME)
};
