/** What is open, as the terminal's Trade tab has it; agent/mql5/Include/Quintet/OpenBook.mqh says it of the real one. */
import { MOST_OPEN_ITEMS, type OpenOrder, type OpenPosition } from '#lib/protocol/openItems.ts';
import { type PendingOrder, type Position } from './accountFile.ts';
import { GMT_OFFSET_MIN, type BrokerAccount } from './brokerAccount.ts';
import { toDecimalText } from './decimal.ts';
import { findSymbol } from './symbols.ts';

/** By the broker's clock. */
const serverTimeMs = (atMs: number): number => atMs + GMT_OFFSET_MIN * 60_000;
/** The simulated broker keeps none: an EA's trades have one, a person's have none. */
const commentOf = (magic: number): string => (magic === 0 ? '' : 'quintet');

function common(item: Position | PendingOrder) {
	const digits = findSymbol(item.symbol)?.digits ?? 5;
	return {
		fields: {
			ticket: item.ticket.toString(),
			symbol: item.symbol,
			lots: toDecimalText(item.volume),
			magic: item.magic.toString(),
			comment: commentOf(item.magic)
		},
		price: (points: number): string => toDecimalText(points, digits),
		level: (points: number | null): string | null => (points === null ? null : toDecimalText(points, digits))
	};
}

function positionRow(account: BrokerAccount, position: Position): OpenPosition {
	const { fields, price, level } = common(position);
	return {
		...fields,
		timeMs: serverTimeMs(position.openedAtMs),
		type: position.side,
		price: price(position.openPoints),
		sl: level(position.stopLossPoints),
		tp: level(position.takeProfitPoints),
		priceCurrent: price(account.closingPoints(position)),
		swap: '0.00',
		profit: toDecimalText(account.profitOf(position))
	};
}

function orderRow(account: BrokerAccount, order: PendingOrder): OpenOrder {
	const { fields, price } = common(order);
	return {
		...fields,
		timeMs: serverTimeMs(order.placedAtMs ?? 0),
		type: order.side === 'buy' ? 'buy limit' : 'sell limit',
		price: price(order.pricePoints),
		stopLimit: null,
		sl: null,
		tp: null,
		priceCurrent: price(account.openingPoints(order)),
		state: 'placed'
	};
}

/** @param account null before the login: then nothing is open */
export function openBook(account: BrokerAccount | null): { positions: OpenPosition[]; orders: OpenOrder[] } {
	if (!account) return { positions: [], orders: [] };
	const { books } = account;
	const positions = books.positions.slice(0, MOST_OPEN_ITEMS).map((each) => positionRow(account, each));
	const room = MOST_OPEN_ITEMS - positions.length;
	return { positions, orders: books.orders.slice(0, room).map((each) => orderRow(account, each)) };
}
