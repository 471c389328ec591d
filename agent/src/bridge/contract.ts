/**
 * The contract with the bridge EA: what lies in which file, and what it says. Both the simulated bridge and
 * the MQL5 one keep it; the conformance suite states it once for both.
 *
 * Folder `<instance>/MQL5/Files/quintet/`:
 *   status.msg      bridge → agent, rewritten every second, at once when the Algo Trading button, the connection, the
 *                   login or the EA on the chart changed, and before every answer
 *   req/<id>.msg    agent → bridge, one request; the bridge deletes it once read
 *   res/<id>.msg    bridge → agent, its answer; the agent deletes it once read
 *   tpl/<name>.tpl  agent → terminal, chart template with the EA and its inputs (UTF-16LE with BOM)
 *
 * Every message is written to `<name>.tmp` and renamed, and carries length, CRC and an end marker all the
 * same, because the terminal's rename is not documented as atomic:
 *
 *   <bytes of json> <crc32 of json, 8 hex digits> <id>\n<json>\n#END <id>\n
 *
 * A message that does not check out is "no news", never a state.
 */
import { z } from 'zod';
import { MOST_OPEN_ITEMS, orderSchema, positionSchema } from '#lib/protocol/openItems.ts';
import { decimalText, residualSchema, ticketSchema as ticket } from '#lib/protocol/seen.ts';

export { BRIDGE_FOLDER } from './folder.ts';

const ageMs = z.number().min(0).nullable();

export const bridgeStatusSchema = z.object({
	/** Grows with every status; a status with a lower one is old news. Starts anew with the terminal. */
	seq: z.int().min(1),
	build: z.int(),
	bridgeVersion: z.string().max(20),
	/** ACCOUNT_LOGIN and ACCOUNT_SERVER; "0" before the first login. */
	login: z.string().max(20),
	server: z.string().max(64),
	/** TERMINAL_CONNECTED. */
	isConnected: z.boolean(),
	/** TERMINAL_TRADE_ALLOWED: the Algo Trading button. */
	isTerminalTradeAllowed: z.boolean(),
	/** MQL_TRADE_ALLOWED of the bridge itself. */
	isMqlTradeAllowed: z.boolean(),
	/** ACCOUNT_TRADE_ALLOWED: the broker lets this login trade. */
	isAccountTradeAllowed: z.boolean(),
	/** ACCOUNT_TRADE_EXPERT: the broker lets EAs trade. */
	isAccountExpertAllowed: z.boolean(),
	isHedging: z.boolean(),
	currency: z.string().regex(/^[A-Z]{3}$/),
	currencyDigits: z.int().min(0).max(8),
	balance: decimalText,
	equity: decimalText,
	margin: decimalText,
	freeMargin: decimalText,
	marginLevel: decimalText.nullable(),
	floatingProfit: decimalText,
	/** Closed since the broker's midnight: profit + swap + commission + fee. */
	dayClosedProfit: decimalText,
	openPositions: z.int().min(0),
	openLots: decimalText,
	unprotectedPositions: z.int().min(0),
	pendingOrders: z.int().min(0),
	/** Positions and orders with the magic number of the EA that was loaded last. */
	eaPositions: z.int().min(0),
	eaOrders: z.int().min(0),
	/**
	 * What is open, oldest first: positions, then orders, MOST_OPEN_ITEMS of both together at most. A bridge that is
	 * older than its agent does not say it.
	 */
	positions: z.array(positionSchema).max(MOST_OPEN_ITEMS).optional(),
	orders: z.array(orderSchema).max(MOST_OPEN_ITEMS).optional(),
	/** The EA on the trading chart; null when there is none. */
	ea: z
		.object({
			path: z.string().max(120),
			symbol: z.string().max(32),
			timeframe: z.string().max(4),
			magic: z.int(),
			/** Input `QuintetGeneration` of the running EA. */
			generation: z.int().min(0),
			/** Input `QuintetSettingsHash` of the running EA. */
			settingsHash: z.string().max(64),
			/** Age of the terminal global EA_READY_<chart>; null when it is not set. */
			readyAgeMs: ageMs,
			/** Age of the terminal global EA_HEARTBEAT_<chart>; null when it is not set. */
			heartbeatAgeMs: ageMs,
			errors: z.array(z.string().max(200)).max(10),
			/** MQL_TRADE_ALLOWED of the EA, in its own word; an EA or a bridge that is older does not say it. */
			mayTrade: z.boolean().nullable().optional()
		})
		.nullable(),
	/** Age of the newest tick of the EA's symbol. */
	tickAgeMs: ageMs,
	/** TERMINAL_PING_LAST, in ms; null without a connection, left out by an older bridge. */
	pingMs: z.number().min(0).nullable().optional(),
	isMarketOpen: z.boolean(),
	/** Broker's server time in seconds, and its distance from GMT in minutes. */
	serverTime: z.int(),
	gmtOffsetMin: z.int()
});
export type BridgeStatus = z.infer<typeof bridgeStatusSchema>;

const scope = z.object({
	/** Magic number of the positions and orders meant; null means the whole account. */
	magic: z.int().nullable()
});

/** A deal of a trade, as the account's history has it. Times are raw server time in ms. */
export const dealSchema = z.object({
	ticket,
	order: ticket,
	/** Commission often sits on the entry: the result of a trade is the sum over its position. */
	positionId: ticket,
	timeMs: z.int().min(0),
	side: z.enum(['buy', 'sell']),
	entry: z.enum(['in', 'out', 'inout', 'out_by']),
	symbol: z.string().max(32),
	lots: decimalText,
	price: decimalText,
	profit: decimalText,
	swap: decimalText,
	commission: decimalText,
	fee: decimalText,
	/** Of the deal itself: that of a closing deal is the closing order's, 0 when a person closed it. */
	magic: z.int(),
	/** Of the deal that opened the position: whose trade it was. */
	positionMagic: z.int(),
	/** ENUM_DEAL_REASON. */
	reason: z.int().min(0)
});
export type Deal = z.infer<typeof dealSchema>;

/** Money that no trade made: a deposit, a credit, a charge, a correction. */
export const accountOperationSchema = z.object({
	ticket,
	timeMs: z.int().min(0),
	/** ENUM_DEAL_TYPE: 2 balance, 3 credit, 4 charge, … */
	type: z.int().min(2),
	amount: decimalText,
	comment: z.string().max(64)
});
export type AccountOperation = z.infer<typeof accountOperationSchema>;

/** A place in the history: what comes after this time and, at this very time, after this ticket. */
const historyPlace = z.object({ sinceMs: z.int().min(0), afterTicket: ticket });

/** Requests by their verb, each with its answer. */
export const bridgeRequests = {
	/**
	 * Opens the trading chart, applies the template and so loads the EA. Answers at once; the EA's signs of life
	 * come in the status. A symbol that the broker has with a suffix only (EURUSD.raw) is found.
	 */
	load_ea: {
		request: z.object({
			/** File name in `tpl/`. */
			template: z.string().regex(/^[A-Za-z0-9_-]{1,60}\.tpl$/),
			symbol: z.string().max(32),
			timeframe: z.string().max(4)
		}),
		answer: z.object({})
	},
	/** Closes the trading chart and with it the EA; fine when there is none. */
	unload_ea: { request: z.object({}), answer: z.object({}) },
	/** Everything in scope that is open. */
	list_open: {
		request: scope,
		answer: z.object({ items: z.array(residualSchema).max(500) })
	},
	/**
	 * One pass over the scope: delete pending orders, then close positions by ticket. The agent repeats it
	 * until nothing is left. An EA made from the template that is still loaded opens nothing from then on.
	 */
	close_pass: {
		request: scope.extend({ deviationPoints: z.int().min(0).max(10_000) }),
		answer: z.object({
			closedPositions: z.int().min(0),
			deletedOrders: z.int().min(0),
			/** What is left, each with the broker's return code of this pass. */
			residuals: z.array(residualSchema).max(500),
			/**
			 * Until the first market opens in which something was refused as closed (10018), by the broker's calendar;
			 * 0: the calendar has a session now. Left out where it says nothing, and by bridges from before this.
			 */
			marketOpensInMs: z.int().min(0).optional()
		})
	},
	/**
	 * Deletes the one pending order, or closes the one position, that has this ticket, as a pass does it. The EA stays
	 * as it is.
	 */
	close_one: {
		request: z.object({ ticket, deviationPoints: z.int().min(0).max(10_000) }),
		answer: z.object({
			/**
			 * What was seen to be done. `unknown_ticket`: nothing open has it, so nothing was asked of the broker.
			 * `nothing`: the residual has the broker's word; without one it is gone, and not by this request (an order
			 * that was filled or has expired), so look at what is open.
			 */
			done: z.enum(['position_closed', 'position_reduced', 'order_deleted', 'nothing', 'unknown_ticket']),
			/** What is left under this ticket; an order that was filled meanwhile is left as its position. */
			residual: residualSchema.nullable()
		})
	},
	/**
	 * Deals of the account's history after a place, oldest first, a page at a time. Ask with an overlap and go by
	 * the tickets (deals.ts): the broker may add to the past.
	 */
	deals: {
		request: historyPlace,
		answer: z.object({
			deals: z.array(dealSchema).max(200),
			operations: z.array(accountOperationSchema).max(200),
			/** Where the next page begins; null after the last one. */
			next: historyPlace.nullable(),
			/** How many deals the terminal has from `sinceMs` on: right after a login it may not have all of them yet. */
			historyDeals: z.int().min(0),
			serverTime: z.int(),
			gmtOffsetMin: z.int()
		})
	}
};
export type BridgeVerb = keyof typeof bridgeRequests;
export type BridgeRequest<V extends BridgeVerb> = z.infer<(typeof bridgeRequests)[V]['request']>;
export type BridgeAnswer<V extends BridgeVerb> = z.infer<(typeof bridgeRequests)[V]['answer']>;

/** Why the bridge refuses a request. Another code than these may come from a newer bridge. */
export const BRIDGE_REFUSALS = {
	/** Not a known verb, or wrong arguments. */
	bad_request: 'bad_request',
	/** It lay there until nobody waited for it any more. */
	expired: 'expired',
	/** The terminal has no account to look into. */
	not_logged_in: 'not_logged_in',
	/** `load_ea`: the file is not in `tpl/`. */
	template_missing: 'template_missing',
	/** `load_ea`: the broker has no such symbol, also none that is it with a suffix, or several. */
	unknown_symbol: 'unknown_symbol',
	/** `load_ea`: the terminal opened no chart, or did not take the template. */
	chart_refused: 'chart_refused'
} as const;

/**
 * `seq` of the status that was written after the request was carried out, and before the answer. A bridge that is older
 * than its agent does not say it.
 */
const statusSeq = z.int().min(1).optional();

/**
 * On the wire of the channel: the request `{id, verb, args, notAfterMs}`, and its answer. `notAfterMs` is a moment of the
 * machine's wall clock: after it nobody waits any more, and the bridge refuses. Else what the machine's sleep came between
 * would be carried out when it wakes.
 */
export const responseEnvelopeSchema = z.union([
	z.object({ id: z.string().max(40), statusSeq, ok: z.literal(true), answer: z.unknown() }),
	z.object({
		id: z.string().max(40),
		statusSeq,
		ok: z.literal(false),
		code: z.string().max(40),
		message: z.string().max(300)
	})
]);
