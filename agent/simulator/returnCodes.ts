/** MetaTrader's trade return codes, as far as the simulated broker gives them. */
export const DONE = 10009;
export const DONE_PARTIAL = 10010;
export const REJECTED = 10006;
export const MARKET_CLOSED = 10018;
export const NO_MONEY = 10019;
export const CLIENT_DISABLES_AT = 10027;
export const NO_CONNECTION = 10031;
export const POSITION_CLOSED = 10036;
export const FIFO_CLOSE = 10045;

const TEXTS: Record<number, string> = {
	10004: 'Requote',
	10006: 'Request rejected',
	10009: 'Request completed',
	10010: 'Only part of the request was completed',
	10013: 'Invalid request',
	10016: 'Invalid stops',
	10017: 'Trade is disabled',
	10018: 'Market is closed',
	10019: 'Not enough money',
	10020: 'Prices changed',
	10024: 'Too many requests',
	10026: 'Autotrading disabled by server',
	10027: 'Autotrading disabled by client terminal',
	10029: 'Order or position frozen',
	10030: 'Invalid order filling type',
	10031: 'No connection with the trade server',
	10036: 'Position already closed',
	10045: 'Positions must be closed oldest first'
};

export function returnText(code: number): string {
	return TEXTS[code] ?? `Return code ${code}`;
}
