/**
 * How the simulated broker treats a login: `<brokerDir>/brokers.json`, form
 * `{"<server>": {"<login>": {…}}}`, where `"*"` stands for any server or login. The file may change while
 * terminals run. Validated by hand, because zod would double the memory of a simulated terminal.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { toHundredths } from './decimal.ts';
import { findSymbol, type Side } from './symbols.ts';

export interface Seed {
	symbol: string;
	side: Side;
	/** Hundredths of a lot. */
	volume: number;
	magic: number;
	hasStopLoss: boolean;
}

export interface Behaviour {
	/** Null: any password but one that begins with `wrong`. */
	password: string | null;
	balanceCents: number;
	currency: string;
	/** From starting to the first sign of life. */
	startDelayMs: number;
	/** From the login request to the broker's answer. */
	loginDelayMs: number;
	/** How long the EA's OnInit takes. */
	eaReadyDelayMs: number;
	/** Mean time between two openings of the EA; 0: it opens nothing. */
	eaOpenEveryMs: number;
	isMarketClosed: boolean;
	/** Of a closed market: when the broker's calendar has the next session; null: it has none. */
	marketOpensInMs: number | null;
	/** Return code that every attempt to close or delete gets. */
	closeCode: number | null;
	/** What the account holds when it is opened. */
	seedPositions: Seed[];
	seedOrders: Seed[];
	hedging: boolean;
	/** The terminal opens this login instead: an old one that it had saved. */
	opensAs: string | null;
	/** Between two statuses of the bridge; null: as the environment says. */
	statusMs: number | null;
	/** What the broker puts behind every symbol's name. */
	symbolSuffix: string;
	/** Largest volume of one order, in hundredths of a lot; null: no limit. */
	volumeMax: number | null;
	/** Largest volume that is filled at once: the rest of an order is not (10010). */
	partialFill: number | null;
	/**
	 * SYMBOL_FILLING_MODE (1 FOK, 2 IOC) and how orders are executed: rules for those who send orders, which is the
	 * MQL5 bridge in the shim. This simulator has no orders to fill.
	 */
	fillingFlags: number;
	execution: (typeof EXECUTIONS)[number];
	/** How long the trade server takes for every order: for those who send orders, as above. */
	tradeDelayMs: number;
	/** Of a new login's first position, order or deal, as digits: for the MQL5 bridge, since these are numbers here. */
	firstTicket: string | null;
	/** Positions of a symbol are closed oldest first, or not at all. */
	isFifo: boolean;
	/** A deposit in the history of a new login. */
	deposit: number | null;
	/** A credit of a new login, in cents: in its history, and in the equity without being in the balance. */
	credit: number | null;
	/** What the broker takes for every deal, in cents. */
	commission: number | null;
	/** The terminal opens no chart that a program asks for. */
	refusesCharts: boolean;
	/** The only `expertmode` with which an EA may trade; 0: any other than 0. */
	tradingExpertMode: number;
}

const EXECUTIONS = ['market', 'instant', 'exchange'] as const;

export const DEFAULT_BEHAVIOUR: Behaviour = {
	password: null,
	balanceCents: 1_000_000,
	currency: 'USD',
	startDelayMs: 0,
	loginDelayMs: 0,
	eaReadyDelayMs: 0,
	eaOpenEveryMs: 15_000,
	isMarketClosed: false,
	marketOpensInMs: null,
	closeCode: null,
	seedPositions: [],
	seedOrders: [],
	hedging: true,
	opensAs: null,
	statusMs: null,
	symbolSuffix: '',
	volumeMax: null,
	partialFill: null,
	fillingFlags: 3,
	execution: 'market',
	tradeDelayMs: 0,
	firstTicket: null,
	isFifo: false,
	deposit: null,
	credit: null,
	commission: null,
	refusesCharts: false,
	tradingExpertMode: 0
};

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function readSeed(value: unknown): Seed {
	if (!isObject(value)) throw new Error('a seed is not an object');
	const { symbol, side, lots, magic = 0, hasStopLoss = true } = value;
	if (typeof symbol !== 'string' || !findSymbol(symbol)) throw new Error('a seed has an unknown symbol');
	if (side !== 'buy' && side !== 'sell') throw new Error('a seed has no side');
	const volume = typeof lots === 'string' ? toHundredths(lots) : null;
	if (volume === null || volume <= 0) throw new Error('a seed has no lots');
	if (!isCount(magic) || typeof hasStopLoss !== 'boolean')
		throw new Error('a seed has a wrong magic or stop');
	return { symbol, side, volume, magic, hasStopLoss };
}

function seeds(value: unknown): Seed[] {
	if (!Array.isArray(value)) throw new Error('seeds are not a list');
	return value.map(readSeed);
}

/** One entry laid over what is already there. @throws Error saying what is wrong */
function overlay(base: Behaviour, entry: unknown): Behaviour {
	if (!isObject(entry)) throw new Error('an entry is not an object');
	const result: Behaviour = { ...base };
	for (const [key, value] of Object.entries(entry)) {
		const wrong = new Error(`${key} has a wrong value`);
		switch (key) {
			case 'balance': {
				const cents = typeof value === 'string' ? toHundredths(value) : null;
				if (cents === null) throw wrong;
				result.balanceCents = cents;
				break;
			}
			case 'volumeMax':
			case 'partialFill':
			case 'deposit':
			case 'credit':
			case 'commission': {
				const hundredths = typeof value === 'string' ? toHundredths(value) : null;
				if (value !== null && hundredths === null) throw wrong;
				result[key] = hundredths;
				break;
			}
			case 'symbolSuffix':
				if (typeof value !== 'string') throw wrong;
				result.symbolSuffix = value;
				break;
			case 'fillingFlags':
			case 'tradingExpertMode':
				if (!isCount(value)) throw wrong;
				result[key] = value;
				break;
			case 'execution': {
				const execution = EXECUTIONS.find((each) => each === value);
				if (!execution) throw wrong;
				result.execution = execution;
				break;
			}
			case 'password':
			case 'opensAs':
				if (value !== null && typeof value !== 'string') throw wrong;
				result[key] = value;
				break;
			case 'firstTicket':
				if (value !== null && (typeof value !== 'string' || !/^\d{1,20}$/.test(value))) throw wrong;
				result.firstTicket = value;
				break;
			case 'currency':
				if (typeof value !== 'string' || !/^[A-Z]{3}$/.test(value)) throw wrong;
				result.currency = value;
				break;
			case 'isMarketClosed':
			case 'isFifo':
			case 'refusesCharts':
			case 'hedging':
				if (typeof value !== 'boolean') throw wrong;
				result[key] = value;
				break;
			case 'closeCode':
			case 'marketOpensInMs':
			case 'statusMs':
				if (value !== null && !isCount(value)) throw wrong;
				result[key] = value;
				break;
			case 'startDelayMs':
			case 'loginDelayMs':
			case 'eaReadyDelayMs':
			case 'eaOpenEveryMs':
			case 'tradeDelayMs':
				if (!isCount(value)) throw wrong;
				result[key] = value;
				break;
			case 'seedPositions':
			case 'seedOrders':
				result[key] = seeds(value);
				break;
			default:
				throw new Error(`${key} is not known`);
		}
	}
	return result;
}

/** Follows brokers.json for one login. */
export class BehaviourFile {
	readonly #path: string;
	readonly #onProblem: (message: string) => void;
	#stamp = '';
	#content: Json = {};

	/** @param onProblem told once about every broken version of the file; the last good one stays in force */
	constructor(brokerDir: string, onProblem: (message: string) => void) {
		this.#path = join(brokerDir, 'brokers.json');
		this.#onProblem = onProblem;
	}

	of(server: string, login: string): Behaviour {
		this.#refresh();
		let behaviour = DEFAULT_BEHAVIOUR;
		for (const serverKey of ['*', server]) {
			const logins = Object.hasOwn(this.#content, serverKey) ? this.#content[serverKey] : undefined;
			for (const loginKey of ['*', login]) {
				if (!isObject(logins) || !Object.hasOwn(logins, loginKey)) continue;
				try {
					behaviour = overlay(behaviour, logins[loginKey]);
				} catch (error) {
					this.#complain(
						`${serverKey}/${loginKey}: ${error instanceof Error ? error.message : 'unreadable'}`
					);
				}
			}
		}
		return behaviour;
	}

	#complained = new Set<string>();
	#complain(message: string): void {
		if (this.#complained.has(message)) return;
		this.#complained.add(message);
		this.#onProblem(`brokers.json is ignored in part: ${message}`);
	}

	#refresh(): void {
		const stat = statSync(this.#path, { throwIfNoEntry: false });
		const stamp = stat ? `${stat.mtimeMs} ${stat.size} ${stat.ino}` : '';
		if (stamp === this.#stamp) return;
		this.#stamp = stamp;
		this.#complained.clear();
		try {
			const content: unknown = stat ? JSON.parse(readFileSync(this.#path, 'utf8')) : {};
			if (!isObject(content)) throw new Error('it is not an object');
			this.#content = content;
		} catch (error) {
			this.#complain(error instanceof Error ? error.message : 'unreadable');
		}
	}
}
