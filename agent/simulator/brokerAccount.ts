/**
 * One login at the simulated broker: what it may trade, what that costs, what its positions are worth.
 * Whether the terminal may send a request at all (button, connection) is the terminal's affair.
 */
import { AccountFile, emptyBooks, isOperation, type Books, type Deal, type Position } from './accountFile.ts';
import { type Behaviour, type Seed } from './behaviour.ts';
import { type Market } from './market.ts';
import {
	DONE,
	DONE_PARTIAL,
	FIFO_CLOSE,
	MARKET_CLOSED,
	NO_MONEY,
	POSITION_CLOSED,
	REJECTED
} from './returnCodes.ts';
import { findSymbol, marginCents, profitCents, type Side } from './symbols.ts';

/** Distance of a seeded or set stop from the price, in multiples of the typical move of one second. */
const STOP_DISTANCE_STEPS = 60;
/** The broker's clock is ahead of GMT by this. */
export const GMT_OFFSET_MIN = 120;
const DAY_MS = 86_400_000;

export interface Valuation {
	balanceCents: number;
	/** Balance, credit and floating profit. */
	equityCents: number;
	floatingCents: number;
	marginCents: number;
	dayClosedCents: number;
}

export interface Opening {
	symbol: string;
	side: Side;
	volume: number;
	magic: number;
	hasStopLoss: boolean;
}

export class BrokerAccount {
	readonly #file: AccountFile;
	readonly #market: Market;
	readonly #behaviour: () => Behaviour;
	readonly #now: () => number;

	constructor(options: {
		brokerDir: string;
		server: string;
		login: string;
		market: Market;
		behaviour: () => Behaviour;
		now: () => number;
		onProblem: (message: string) => void;
	}) {
		this.#market = options.market;
		this.#behaviour = options.behaviour;
		this.#now = options.now;
		const open = () => this.#openBooks(options.login);
		this.#file = new AccountFile(options.brokerDir, options.server, options.login, open, options.onProblem);
	}

	get books(): Readonly<Books> {
		return this.#file.books;
	}

	get isHedging(): boolean {
		return this.#behaviour().hedging;
	}

	get isMarketOpen(): boolean {
		return !this.#behaviour().isMarketClosed;
	}

	/** Opens a position at market; on a netting account it joins the one of its symbol. */
	open(opening: Opening): number {
		if (!this.isMarketOpen) return MARKET_CLOSED;
		const spec = findSymbol(opening.symbol);
		if (!spec || opening.volume <= 0) return REJECTED;
		const { books } = this.#file;
		const position = this.#newPosition(books, opening);
		const value = this.value();
		const freeCents = value.equityCents - value.marginCents;
		if (marginCents(spec, position.openPoints, position.volume) > freeCents) return NO_MONEY;
		const other = this.isHedging ? undefined : books.positions.find((each) => each.symbol === opening.symbol);
		if (other && other.side !== opening.side) return this.close(other.ticket, opening.magic);
		this.#addDeal(books, position, 'in', position.openPoints, 0, 'expert', opening.magic);
		if (other) {
			const points = other.openPoints * other.volume + position.openPoints * position.volume;
			other.volume += position.volume;
			other.openPoints = Math.round(points / other.volume);
		} else {
			books.positions.push(position);
		}
		this.#file.save();
		return DONE;
	}

	/** Closes a position at market, or as much of it as the broker fills at once (10010). */
	close(ticket: number, magic: number, reason: Deal['reason'] = 'expert', atPoints?: number): number {
		const { isMarketClosed, closeCode, isFifo, partialFill, volumeMax } = this.#behaviour();
		if (isMarketClosed) return MARKET_CLOSED;
		// A stop is the broker's own doing, and does not fail with the orders of a client.
		if (closeCode !== null && closeCode !== DONE && reason === 'expert') return closeCode;
		const { books } = this.#file;
		const position = books.positions.find((each) => each.ticket === ticket);
		if (!position) return POSITION_CLOSED;
		const isOlder = (other: Position): boolean =>
			other.symbol === position.symbol && other.ticket < position.ticket;
		if (isFifo && reason === 'expert' && books.positions.some(isOlder)) return FIFO_CLOSE;
		const limit = reason === 'expert' ? Math.min(partialFill ?? Infinity, volumeMax ?? Infinity) : Infinity;
		const part = { ...position, volume: Math.min(position.volume, limit) };
		const points = atPoints ?? this.closingPoints(position);
		const profit = this.profitOf(part, points);
		position.volume -= part.volume;
		if (position.volume === 0) books.positions.splice(books.positions.indexOf(position), 1);
		books.balanceCents += profit;
		this.#addDeal(books, part, 'out', points, profit, reason, magic);
		this.#file.save();
		return position.volume === 0 ? DONE : DONE_PARTIAL;
	}

	deleteOrder(ticket: number): number {
		const { isMarketClosed, closeCode } = this.#behaviour();
		if (isMarketClosed) return MARKET_CLOSED;
		if (closeCode !== null && closeCode !== DONE) return closeCode;
		const { books } = this.#file;
		const place = books.orders.findIndex((order) => order.ticket === ticket);
		if (place < 0) return POSITION_CLOSED;
		books.orders.splice(place, 1);
		this.#file.save();
		return DONE;
	}

	/** Closes every position whose stop-loss or take-profit the price has reached. */
	runStops(): void {
		if (!this.isMarketOpen) return;
		for (const position of [...this.books.positions]) {
			const points = this.closingPoints(position);
			const up = position.side === 'buy' ? 1 : -1;
			const { stopLossPoints: stop, takeProfitPoints: target } = position;
			if (stop !== null && (points - stop) * up <= 0)
				this.close(position.ticket, position.magic, 'sl', points);
			else if (target !== null && (points - target) * up >= 0)
				this.close(position.ticket, position.magic, 'tp', points);
		}
	}

	/** What it would be closed at now. */
	closingPoints(position: Position): number {
		const spec = findSymbol(position.symbol);
		if (!spec) return position.openPoints;
		const quote = this.#market.quote(spec);
		return position.side === 'buy' ? quote.bidPoints : quote.askPoints;
	}

	/** What an order would be filled at now. */
	openingPoints({ symbol, side }: Pick<Position, 'symbol' | 'side'>): number {
		const spec = findSymbol(symbol);
		if (!spec) return 0;
		const { askPoints, bidPoints } = this.#market.quote(spec);
		return side === 'buy' ? askPoints : bidPoints;
	}

	/** Floating profit in cents. */
	profitOf(position: Position, points = this.closingPoints(position)): number {
		const spec = findSymbol(position.symbol);
		return spec ? profitCents(spec, position.side, position.openPoints, points, position.volume) : 0;
	}

	value(): Valuation {
		const { books } = this.#file;
		const offsetMs = GMT_OFFSET_MIN * 60_000;
		const midnightMs = Math.floor((this.#now() + offsetMs) / DAY_MS) * DAY_MS - offsetMs;
		const { balanceCents, creditCents = 0 } = books;
		const equityCents = balanceCents + creditCents;
		const value = { balanceCents, equityCents, floatingCents: 0, marginCents: 0, dayClosedCents: 0 };
		for (const position of books.positions) {
			const spec = findSymbol(position.symbol);
			value.floatingCents += this.profitOf(position);
			if (spec) value.marginCents += marginCents(spec, position.openPoints, position.volume);
		}
		for (const deal of books.deals)
			if (deal.atMs >= midnightMs && !isOperation(deal))
				value.dayClosedCents += deal.profitCents - (deal.commissionCents ?? 0);
		value.equityCents += value.floatingCents;
		return value;
	}

	#openBooks(login: string): Books {
		const behaviour = this.#behaviour();
		const books = emptyBooks(behaviour, login);
		const named = (seed: Seed): Seed => ({ ...seed, symbol: seed.symbol + behaviour.symbolSuffix });
		if (behaviour.deposit !== null) this.#addOperation(books, 'balance', behaviour.deposit);
		if (behaviour.credit !== null) this.#addOperation(books, 'credit', behaviour.credit);
		for (const seed of behaviour.seedPositions) {
			const position = this.#newPosition(books, named(seed));
			books.positions.push(position);
			this.#addDeal(books, position, 'in', position.openPoints, 0, 'expert', position.magic);
		}
		for (const seed of behaviour.seedOrders) {
			const order = this.#newPosition(books, named(seed));
			const { openPoints: pricePoints, openedAtMs: placedAtMs, ticket, symbol, side, volume, magic } = order;
			books.orders.push({ ticket, symbol, side, volume, pricePoints, magic, placedAtMs });
		}
		return books;
	}

	#newPosition(books: Books, opening: Opening | Seed): Position {
		const { symbol, side, volume, magic } = opening;
		const spec = findSymbol(symbol);
		if (!spec) throw new Error(`the broker has no symbol ${symbol}`);
		const { askPoints, bidPoints } = this.#market.quote(spec);
		const openPoints = side === 'buy' ? askPoints : bidPoints;
		const away = Math.round(spec.stepPoints * STOP_DISTANCE_STEPS) * (side === 'buy' ? 1 : -1);
		return {
			ticket: books.nextTicket++,
			symbol,
			side,
			volume,
			openPoints,
			stopLossPoints: opening.hasStopLoss ? openPoints - away : null,
			takeProfitPoints: opening.hasStopLoss ? openPoints + away : null,
			magic,
			openedAtMs: this.#now()
		};
	}

	#addOperation(books: Books, entry: 'balance' | 'credit', cents: number): void {
		books.deals.push({
			ticket: books.nextTicket++,
			positionId: 0,
			entry,
			symbol: '',
			side: 'buy',
			volume: 0,
			points: 0,
			profitCents: cents,
			magic: 0,
			reason: 'client',
			atMs: this.#now()
		});
	}

	#addDeal(
		books: Books,
		position: Position,
		entry: Deal['entry'],
		points: number,
		profit: number,
		reason: Deal['reason'],
		magic: number
	): void {
		const { symbol, side, volume, ticket: positionId } = position;
		const ticket = books.nextTicket++;
		const commissionCents = this.#behaviour().commission ?? 0;
		books.balanceCents -= commissionCents;
		books.deals.push({
			ticket,
			positionId,
			entry,
			symbol,
			side: entry === 'in' ? side : side === 'buy' ? 'sell' : 'buy',
			volume,
			points,
			profitCents: profit,
			...(commissionCents === 0 ? {} : { commissionCents }),
			magic,
			reason,
			atMs: this.#now()
		});
	}
}
