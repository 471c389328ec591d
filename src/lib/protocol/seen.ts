/** What an agent reports of an account: the state (rarely changes) and the figures (change every second). */
import { z } from 'zod';
import { sha256Schema } from '../domain/expertFileSchema.ts';
import { INCIDENT_KINDS } from '../domain/incident.ts';
import { ALGO_STATES, RUNGS } from '../domain/ladder.ts';

export const WANTED_STATES = ['RUNNING', 'PAUSED', 'STOPPED'] as const;
export type WantedState = (typeof WANTED_STATES)[number];

export const CONNECTIONS = [
	/** Logged in, and the broker's server answers. */
	'connected',
	/** The terminal is coming up or logging in. */
	'connecting',
	/** The broker refused login or password; nothing is retried until they are changed. */
	'login_refused',
	/** Logged in before, but the broker's server is not reached now. */
	'broker_lost',
	/** The terminal is not running. */
	'down',
	/** Cannot be seen. */
	'unknown'
] as const;
export type Connection = (typeof CONNECTIONS)[number];

const rungState = z.enum(['yes', 'no', 'unknown']);
const ladderSchema = z.object(
	Object.fromEntries(RUNGS.map((rung) => [rung, rungState])) as Record<
		(typeof RUNGS)[number],
		typeof rungState
	>
);

/** A signed decimal number as text. */
export const decimalText = z.string().regex(/^-?\d{1,15}(\.\d{1,8})?$/);
const count = z.int().min(0).max(1_000_000);

export const seenStateSchema = z.object({
	algo: z.enum(ALGO_STATES),
	connection: z.enum(CONNECTIONS),
	ladder: ladderSchema,
	/** Generation of the command that the EA on the chart was loaded for; 0 without EA. */
	generation: z.int().min(0),
	/**
	 * The highest generation the agent heard of, and what that one wants: may be above the server's after an
	 * emergency Stop that was never written down. Left out by an agent that does not say it.
	 */
	commanded: z.object({ generation: z.int().min(0), wanted: z.enum(WANTED_STATES) }).optional(),
	/** What the supervisor is doing just now, in words ("restarting the terminal, 2 of 3"); null when idle. */
	activity: z.string().max(200).nullable(),
	/** What the watchdog is at just now; null when nothing is wrong. Left out by an agent that does not say it. */
	incident: z
		.object({ id: z.uuid(), kind: z.enum(INCIDENT_KINDS) })
		.nullable()
		.optional(),
	/** Failed tries to bring the connection up, or to repair it, since it was well last. Left out by an older agent. */
	retries: z.int().min(0).max(1_000_000).optional(),
	/**
	 * The uploaded EA that the account is to run, as it lies in the terminal's directory: where it was looked for, and
	 * the digest of what is there; null when nothing is. Left out: there is none to look for, or it was not looked yet.
	 */
	expertFile: z.object({ path: z.string().max(120), sha256: sha256Schema.nullable() }).optional(),
	/** The last fault that still stands, with what to do. */
	fault: z
		.object({ code: z.string().max(40), message: z.string().max(300), remedy: z.string().max(300) })
		.nullable()
});
export type SeenState = z.infer<typeof seenStateSchema>;

export const figuresSchema = z.object({
	currency: z.string().regex(/^[A-Z]{3}$/),
	/** Digits after the point of money in this currency. */
	currencyDigits: z.int().min(0).max(8),
	balance: decimalText,
	equity: decimalText,
	margin: decimalText,
	freeMargin: decimalText,
	/** Percent; null without open margin. */
	marginLevel: decimalText.nullable(),
	/** Floating profit of all open positions, swap included. */
	floatingProfit: decimalText,
	/** Profit of the deals closed since the broker's midnight, with swap, commission and fee. */
	dayClosedProfit: decimalText,
	openPositions: count,
	/** Sum of the volumes of the open positions. */
	openLots: decimalText,
	/** Open positions without a stop-loss at the broker. */
	unprotectedPositions: count,
	pendingOrders: count,
	/** The part of positions and orders with the EA's magic number: what Stop would close. */
	eaPositions: count,
	eaOrders: count
});
export type Figures = z.infer<typeof figuresSchema>;

/** The EA's own signs of life, from its terminal globals. */
export const eaSignsSchema = z.object({
	/** Age of EA_HEARTBEAT when this was sent; null when the EA never set it. */
	heartbeatAgeMs: z.int().min(0).nullable(),
	errors: z.array(z.string().max(200)).max(10)
});
export type EaSigns = z.infer<typeof eaSignsSchema>;

const MOST_TICKET = 2n ** 64n - 1n;
/** Of a position, order or deal: MQL5's type is ulong, which JavaScript's numbers do not hold. */
export const ticketSchema = z
	.string()
	.regex(/^\d{1,20}$/, { abort: true })
	.refine((digits) => BigInt(digits) <= MOST_TICKET, 'larger than any ticket');

/** A position or order that Stop left, with the broker's last word on it. */
export const residualSchema = z.object({
	ticket: ticketSchema,
	type: z.enum(['position', 'order']),
	symbol: z.string().max(32),
	side: z.enum(['buy', 'sell']),
	lots: decimalText,
	profit: decimalText.nullable(),
	hasStopLoss: z.boolean(),
	/** MetaTrader's trade return code of the last attempt, e.g. 10018 market closed; null when none was made. */
	brokerCode: z.int().nullable(),
	brokerText: z.string().max(120).nullable()
});
export type Residual = z.infer<typeof residualSchema>;

/** What the bridge saw after a command: never one boolean. */
export const proofSchema = z.object({
	isAlgoTradingOff: z.boolean(),
	isEaUnloaded: z.boolean(),
	/** Closing was asked for: nothing in scope may be left for the command to be done. */
	wasClosingAsked: z.boolean(),
	closedPositions: count,
	deletedOrders: count,
	/** What is left in the EA's scope, at most 50 of them… */
	residuals: z.array(residualSchema).max(50),
	/** …of this many. */
	residualCount: count,
	unprotectedPositions: count,
	/**
	 * False: the terminal is down, so positions and orders could not be looked at, and the counts above say
	 * nothing. Left out: they were counted.
	 */
	isCounted: z.boolean().optional()
});
export type Proof = z.infer<typeof proofSchema>;
