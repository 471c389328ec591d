/** Positions and pending orders as the browser gets them, in MetaTrader's words. */

/** ENUM_ORDER_TYPE of pending orders, as the terminal writes them. */
export const ORDER_TYPES = [
	'buy limit',
	'sell limit',
	'buy stop',
	'sell stop',
	'buy stop limit',
	'sell stop limit'
] as const;
export type OrderType = (typeof ORDER_TYPES)[number];

/** ENUM_ORDER_STATE by its number. */
export const ORDER_STATES = [
	'started',
	'placed',
	'canceled',
	'partial',
	'filled',
	'rejected',
	'expired',
	'request add',
	'request modify',
	'request cancel'
] as const;
export type OrderState = (typeof ORDER_STATES)[number];

interface OpenItemFields {
	ticket: string;
	/** When it was opened, or the order placed, in ISO 8601 UTC; null: how far the broker's clock is ahead is not known. */
	at: string | null;
	/** The broker's clock at that moment, as `2026-03-02 12:00:00.000`. */
	serverTime: string;
	symbol: string;
	lots: string;
	price: string;
	/** Null: none is set. */
	sl: string | null;
	tp: string | null;
	priceCurrent: string;
	magic: string;
	comment: string;
}

export interface PositionView extends OpenItemFields {
	type: 'buy' | 'sell';
	swap: string;
	/** Without swap, as MetaTrader shows it. */
	profit: string;
}

export interface OrderView extends OpenItemFields {
	type: OrderType;
	stopLimit: string | null;
	state: OrderState;
}

/** What is open on one account. */
export interface OpenItemsView {
	accountId: string;
	/** Null: nobody told it. The account's figures may hold how many there are of more than are told. */
	open: { positions: PositionView[]; orders: OrderView[] } | null;
}

/** GET /api/user/positions. */
export interface OpenBookView {
	serverTime: string;
	accounts: OpenItemsView[];
}
