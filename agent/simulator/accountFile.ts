/**
 * The broker's books of one login: `<brokerDir>/<server>/<login>.json`. They lie outside of the terminal, so
 * that killing a terminal loses no position. Every change is on disk before anyone hears of it.
 */
import { mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { replaceFileSync } from '../src/terminal/replaceFile.ts';
import { type Behaviour } from './behaviour.ts';
import { type Side } from './symbols.ts';

export interface Position {
	ticket: number;
	symbol: string;
	side: Side;
	/** Hundredths of a lot. */
	volume: number;
	openPoints: number;
	stopLossPoints: number | null;
	takeProfitPoints: number | null;
	magic: number;
	openedAtMs: number;
}
export interface PendingOrder {
	ticket: number;
	symbol: string;
	side: Side;
	volume: number;
	pricePoints: number;
	magic: number;
	/** Left out by books from before it was kept. */
	placedAtMs?: number;
}
export interface Deal {
	ticket: number;
	positionId: number;
	/** `balance` and `credit` are money that no trade made. */
	entry: 'in' | 'out' | 'balance' | 'credit';
	symbol: string;
	side: Side;
	volume: number;
	points: number;
	profitCents: number;
	/** What the broker took for the deal; left out when nothing. */
	commissionCents?: number;
	magic: number;
	reason: 'expert' | 'sl' | 'tp' | 'client';
	atMs: number;
}
export interface Books {
	balanceCents: number;
	/** What the broker lends; left out when nothing. */
	creditCents?: number;
	currency: string;
	nextTicket: number;
	positions: Position[];
	orders: PendingOrder[];
	/** Newest last; the older ones are dropped. */
	deals: Deal[];
}

/** No trade made it. */
export const isOperation = ({ entry }: Deal): boolean => entry === 'balance' || entry === 'credit';

const KEPT_DEALS = 1_000;

function isBooks(value: unknown): value is Books {
	if (typeof value !== 'object' || value === null) return false;
	const books = value as Partial<Books>;
	const lists = [books.positions, books.orders, books.deals];
	return (
		Number.isSafeInteger(books.balanceCents) &&
		Number.isSafeInteger(books.nextTicket) &&
		typeof books.currency === 'string' &&
		lists.every((list) => Array.isArray(list) && list.every((item) => Number.isSafeInteger(item?.ticket)))
	);
}

export class AccountFile {
	readonly #path: string;
	#stamp = '';
	#books: Books;

	/**
	 * @param open makes the books of a login that has none yet
	 * @param onProblem told when the books cannot be read; they are put aside and opened anew
	 */
	constructor(
		brokerDir: string,
		server: string,
		login: string,
		open: () => Books,
		onProblem: (message: string) => void
	) {
		this.#path = join(brokerDir, server, `${login}.json`);
		mkdirSync(dirname(this.#path), { recursive: true });
		let books: Books | null = null;
		try {
			books = this.#read();
		} catch {
			onProblem(`the broker's books of ${login} are unreadable, put aside and opened anew`);
			renameSync(this.#path, `${this.#path}.broken`);
		}
		this.#books = books ?? open();
		if (!books) this.save();
	}

	/** The books as they are now, whoever wrote them last. Call `save` after changing them. */
	get books(): Books {
		const fresh = this.#read();
		if (fresh) this.#books = fresh;
		return this.#books;
	}

	save(): void {
		this.#books.deals.splice(0, this.#books.deals.length - KEPT_DEALS);
		replaceFileSync(this.#path, JSON.stringify(this.#books));
		this.#stamp = this.#stampNow();
	}

	#stampNow(): string {
		const stat = statSync(this.#path, { throwIfNoEntry: false });
		return stat ? `${stat.mtimeMs} ${stat.size} ${stat.ino}` : '';
	}

	/** The books on disk when they differ from the ones last read or written, else null. */
	#read(): Books | null {
		const stamp = this.#stampNow();
		if (stamp === '' || stamp === this.#stamp) return null;
		const value: unknown = JSON.parse(readFileSync(this.#path, 'utf8'));
		if (!isBooks(value)) throw new Error(`${this.#path} is not the books of an account`);
		this.#stamp = stamp;
		return value;
	}
}

/** Empty books with the balance and currency that the broker gives a new login. */
export function emptyBooks(behaviour: Behaviour, login: string): Books {
	return {
		balanceCents: behaviour.balanceCents,
		...(behaviour.credit === null ? {} : { creditCents: behaviour.credit }),
		currency: behaviour.currency,
		nextTicket: 1_000_000 + (Number(login) % 1_000) * 1_000,
		positions: [],
		orders: [],
		deals: []
	};
}
