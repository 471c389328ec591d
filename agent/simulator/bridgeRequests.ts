/** What the bridge does on each request. Arguments are checked by hand; what is wrong is refused by name. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BridgeAnswer, type BridgeVerb } from '../src/bridge/contract.ts';
import { type Residual } from '#lib/protocol/seen.ts';
import { type PendingOrder, type Position } from './accountFile.ts';
import { type BrokerAccount } from './brokerAccount.ts';
import { dealsAfter } from './dealHistory.ts';
import { toDecimalText } from './decimal.ts';
import { DONE, DONE_PARTIAL, MARKET_CLOSED, POSITION_CLOSED, returnText } from './returnCodes.ts';
import { resolveSymbol } from './symbols.ts';
import { type Terminal } from './terminal.ts';

/** A request that cannot be carried out; `code` is one of the contract's refusals. */
export class Refusal extends Error {
	readonly code: string;
	constructor(code: string, message: string) {
		super(message);
		this.code = code;
	}
}

type Arguments = Readonly<Record<string, unknown>>;
type Handlers = {
	[V in BridgeVerb]: (terminal: Terminal, args: Arguments, folder: string) => BridgeAnswer<V>;
};

const MOST_ITEMS = 500;
const MOST_PARTS = 200;
const MOST_DEVIATION_POINTS = 10_000;
const TIMEFRAME = /^(M1|M5|M15|M30|H1|H4|D1|W1|MN1)$/;

function text(args: Arguments, name: string, form: RegExp): string {
	const value = args[name];
	if (typeof value !== 'string' || !form.test(value)) throw new Refusal('bad_request', `${name} is wrong`);
	return value;
}

/** A ulong, as in MQL5. */
function ticketOf(args: Arguments, name: string): bigint {
	const ticket = BigInt(text(args, name, /^\d{1,20}$/));
	if (ticket >= 2n ** 64n) throw new Refusal('bad_request', `${name} is wrong`);
	return ticket;
}

function count(args: Arguments, name: string, most = Number.MAX_SAFE_INTEGER): number {
	const value = args[name];
	if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > most)
		throw new Refusal('bad_request', `${name} is wrong`);
	return value;
}

function scopeOf(args: Arguments): (item: { magic: number }) => boolean {
	const { magic } = args;
	if (magic === null) return () => true;
	if (!Number.isSafeInteger(magic)) throw new Refusal('bad_request', 'magic is wrong');
	return (item) => item.magic === magic;
}

function accountOf(terminal: Terminal): BrokerAccount {
	if (!terminal.account) throw new Refusal('not_logged_in', 'the terminal is not logged in');
	return terminal.account;
}

function residual(account: BrokerAccount, item: Position | PendingOrder, code: number | null): Residual {
	const isPosition = 'openPoints' in item;
	return {
		ticket: item.ticket.toString(),
		type: isPosition ? 'position' : 'order',
		symbol: item.symbol,
		side: item.side,
		lots: toDecimalText(item.volume),
		profit: isPosition ? toDecimalText(account.profitOf(item)) : null,
		hasStopLoss: isPosition && item.stopLossPoints !== null,
		brokerCode: code,
		brokerText: code === null ? null : returnText(code)
	};
}

/** Asks again while parts are filled. @returns the last return code */
function inParts(terminal: Terminal, act: () => number): number {
	let code = DONE_PARTIAL;
	for (let part = 0; part < MOST_PARTS && code === DONE_PARTIAL; part++)
		code = terminal.tradeRefusal() ?? act();
	return code;
}

export const bridgeHandlers: Handlers = {
	load_ea(terminal, args, folder) {
		const template = text(args, 'template', /^[A-Za-z0-9_-]{1,60}\.tpl$/);
		const wanted = text(args, 'symbol', /^[^]{1,32}$/);
		const timeframe = text(args, 'timeframe', TIMEFRAME);
		const path = join(folder, 'tpl', template);
		if (!existsSync(path)) throw new Refusal('template_missing', `there is no ${template}`);
		const symbol = resolveSymbol(wanted, terminal.behaviour.symbolSuffix);
		if (symbol === null) throw new Refusal('unknown_symbol', `the broker has no symbol ${wanted}`);
		// The EA that was there goes first, as in the MQL5 bridge.
		if (terminal.behaviour.refusesCharts) {
			terminal.unloadExpert();
			throw new Refusal('chart_refused', 'the terminal opened no chart with the EA (error 4105)');
		}
		terminal.applyTemplate(readFileSync(path), symbol, timeframe);
		return {};
	},

	unload_ea(terminal) {
		terminal.unloadExpert();
		return {};
	},

	list_open(terminal, args) {
		const isMeant = scopeOf(args);
		const account = accountOf(terminal);
		const { orders, positions } = account.books;
		const items = [...orders, ...positions].filter(isMeant).slice(0, MOST_ITEMS);
		return { items: items.map((item) => residual(account, item, null)) };
	},

	close_pass(terminal, args) {
		count(args, 'deviationPoints', MOST_DEVIATION_POINTS);
		const isMeant = scopeOf(args);
		const account = accountOf(terminal);
		const codes = new Map<number, number>();
		const attempt = (item: Position | PendingOrder, act: () => number): boolean => {
			const code = inParts(terminal, act);
			codes.set(item.ticket, code);
			return code === DONE || code === POSITION_CLOSED;
		};
		const orders = account.books.orders.filter(isMeant);
		const deletedOrders = orders.filter((order) => attempt(order, () => account.deleteOrder(order.ticket)));
		// Oldest first, as FIFO accounts ask for.
		const positions = account.books.positions.filter(isMeant).sort((a, b) => a.openedAtMs - b.openedAtMs);
		const closedPositions = positions.filter((position) =>
			attempt(position, () => account.close(position.ticket, position.magic))
		);
		const left = [...account.books.orders, ...account.books.positions].filter(isMeant).slice(0, MOST_ITEMS);
		const { isMarketClosed, marketOpensInMs } = terminal.behaviour;
		const isCalendarAsked = left.some((item) => codes.get(item.ticket) === MARKET_CLOSED);
		// The calendar has a session now, or says when: what the broker refuses is another matter.
		const opensInMs = isMarketClosed ? marketOpensInMs : 0;
		return {
			closedPositions: closedPositions.length,
			deletedOrders: deletedOrders.length,
			residuals: left.map((item) => residual(account, item, codes.get(item.ticket) ?? null)),
			...(isCalendarAsked && opensInMs !== null && { marketOpensInMs: opensInMs })
		};
	},

	close_one(terminal, args) {
		const ticket = ticketOf(args, 'ticket');
		count(args, 'deviationPoints', MOST_DEVIATION_POINTS);
		const account = accountOf(terminal);
		const find = (): Position | PendingOrder | undefined =>
			[...account.books.orders, ...account.books.positions].find((item) => BigInt(item.ticket) === ticket);
		const item = find();
		if (!item) return { done: 'unknown_ticket', residual: null };
		const { volume } = item;
		const isPosition = 'openPoints' in item;
		const code = inParts(terminal, () =>
			isPosition ? account.close(item.ticket, item.magic) : account.deleteOrder(item.ticket)
		);
		const left = find();
		if (!left) return { done: isPosition ? 'position_closed' : 'order_deleted', residual: null };
		const done = left.volume < volume ? 'position_reduced' : 'nothing';
		return { done, residual: residual(account, left, code) };
	},

	deals(terminal, args) {
		const sinceMs = count(args, 'sinceMs');
		const afterTicket = ticketOf(args, 'afterTicket').toString();
		const now = terminal.now();
		return dealsAfter(accountOf(terminal).books.deals, { sinceMs, afterTicket }, now);
	}
};
