/** Open positions and pending orders as MetaTrader's Trade tab has them: raw times, prices in the symbol's digits. */
import { z } from 'zod';
import { ORDER_STATES, ORDER_TYPES } from '../domain/openItems.ts';
import { decimalText, ticketSchema } from './seen.ts';

/** Of positions and orders together; what is beyond is only counted. */
export const MOST_OPEN_ITEMS = 100;

/** Of their JSON, so that an account's telemetry always fits into a frame (MAX_FRAME_BYTES), whatever its comments hold. */
export const MOST_OPEN_BYTES = 40 * 1024;

const fields = {
	ticket: ticketSchema,
	/** When it was opened, or the order placed: the broker's clock, in ms as if it were UTC. */
	timeMs: z.int().min(0),
	symbol: z.string().max(32),
	lots: decimalText,
	price: decimalText,
	sl: decimalText.nullable(),
	tp: decimalText.nullable(),
	priceCurrent: decimalText,
	/** MQL5's long, which JavaScript's numbers do not hold. */
	magic: z.string().regex(/^-?\d{1,20}$/),
	comment: z.string().max(64)
};

export const positionSchema = z.object({
	...fields,
	type: z.enum(['buy', 'sell']),
	swap: decimalText,
	profit: decimalText
});
export type OpenPosition = z.infer<typeof positionSchema>;

export const orderSchema = z.object({
	...fields,
	type: z.enum(ORDER_TYPES),
	/** Of a stop limit order: where the limit order is placed. */
	stopLimit: decimalText.nullable(),
	state: z.enum(ORDER_STATES)
});
export type OpenOrder = z.infer<typeof orderSchema>;

export const openItemsSchema = z.object({
	positions: z.array(positionSchema).max(MOST_OPEN_ITEMS),
	orders: z.array(orderSchema).max(MOST_OPEN_ITEMS)
});
export type OpenItems = z.infer<typeof openItemsSchema>;

/** How the terminal and its line to the broker are. */
export const vitalsSchema = z.object({
	/** Of the terminal to the broker's server; null when it does not know. */
	pingMs: z.number().min(0).nullable(),
	/** Age of the newest tick of the EA's symbol when this was sent; null without an EA. */
	tickAgeMs: z.number().min(0).nullable(),
	isMarketOpen: z.boolean(),
	/** How far the broker's clock is ahead of UTC. */
	gmtOffsetMin: z.int()
});
export type Vitals = z.infer<typeof vitalsSchema>;
