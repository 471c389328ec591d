/**
 * The figures of a range of days, as the API gives them: docs/metrics.md says what each means. Money and lots are
 * exact decimal strings; shares are 0 to 1 (0.01 = 1 %); null means that the figure does not exist. Days, hours
 * and weekdays are of UTC.
 */
import type { AccountKindName, ConnectionName } from './views.ts';

export interface RangeView {
	/** First and last day, both included. */
	from: string;
	to: string;
}

export interface DrawdownView {
	money: string;
	/** Of the peak, by the growth of one unit of capital; null without capital. */
	share: string | null;
}

/** What sums over trades alone give. */
export interface TradeFiguresView {
	trades: number;
	wins: number;
	losses: number;
	lots: string;
	grossProfit: string;
	/** Zero or negative, as all losses. */
	grossLoss: string;
	winRate: string | null;
	profitFactor: string | null;
	expectancy: string | null;
	averageWin: string | null;
	averageLoss: string | null;
	bestTrade: string | null;
	worstTrade: string | null;
	averageHoldingMs: number | null;
}

export interface RangeFiguresView extends TradeFiguresView {
	/** Of all deals but flows: what the trades brought, entries paid for since, and charges. */
	netProfit: string;
	swap: string;
	commission: string;
	fee: string;
	deposits: string;
	withdrawals: string;
	/** Time-weighted, by daily balances. */
	gain: string | null;
	balanceDrawdown: DrawdownView | null;
	/** By the account's snapshots; null also when there are none in the range. */
	equityDrawdown: DrawdownView | null;
	recoveryFactor: string | null;
	sharpe: string | null;
	sortino: string | null;
}

/** The trades of one symbol, hour (`0` to `23`) or weekday (`1` Monday to `7` Sunday). */
export interface SliceView {
	key: string;
	trades: number;
	wins: number;
	losses: number;
	lots: string;
	net: string;
}

export interface DayView {
	day: string;
	netProfit: string;
	trades: number;
	wins: number;
	losses: number;
	deposits: string;
	withdrawals: string;
	/** At the day's end. */
	balance: string;
}

/** The newest balance and equity that are known. */
export interface StandingView {
	balance: string | null;
	equity: string | null;
	/** How many accounts are in these sums. */
	seenAccounts: number;
	/** None is fresh: these are the last known. */
	isStale: boolean;
}

/** Accounts that may be added up: one currency, and real money apart from demo money. */
export interface GroupView {
	currency: string;
	currencyDigits: number;
	kind: AccountKindName;
	accounts: number;
	standing: StandingView;
}

export interface AnalysedAccountView {
	id: string;
	accountNumber: string;
	name: string;
	broker: string;
	currency: string;
	currencyDigits: number;
	kind: AccountKindName;
	connection: ConnectionName;
	balance: string | null;
	equity: string | null;
	/** When balance and equity were seen. */
	seenAt: string | null;
}

interface Scope {
	range: RangeView;
	totalAccounts: number;
	/** Of these, seen connected to their broker now. */
	connectedAccounts: number;
}

/** GET /api/analytics/aggregate */
export interface AggregateView extends Scope {
	groups: (GroupView & {
		figures: RangeFiguresView;
		/** By the amount of trades; hours and weekdays without any are left out. */
		bySymbol: SliceView[];
		byHour: SliceView[];
		byWeekday: SliceView[];
		/** Days on which something happened, in their order. */
		days: DayView[];
		/** Balance before the first of them. */
		openingBalance: string;
	})[];
	accounts: (AnalysedAccountView & { figures: RangeFiguresView })[];
}

/** GET /api/analytics/comparison: accounts beside each other, each as growth from the start of the range. */
export interface ComparisonView extends Scope {
	accounts: (AnalysedAccountView & {
		figures: RangeFiguresView;
		/** Gain since the start of the range, at the end of each day with capital. */
		growth: { day: string; gain: string }[];
	})[];
}

export interface ShortFiguresView {
	trades: number;
	netProfit: string;
	winRate: string | null;
}

/** GET /api/analytics/summary */
export interface SummaryView extends Scope {
	groups: (GroupView & ShortFiguresView)[];
	accounts: (AnalysedAccountView & ShortFiguresView)[];
}

/** A slot of the curve: as long as `stepMs`, and named by its beginning, as MetaTrader names its bars. */
export interface CurvePointView {
	at: string;
	/** At the slot's end, by the deals; null: not all of these accounts were heard until then. */
	balance: string | null;
	/** The last that was seen in it; null: not all accounts were seen at one moment of it. */
	equity: string | null;
	/** How deep the equity was below its highest point before, at the worst moment of the slot. */
	fall: DrawdownView | null;
	/** What was paid in or out in it, taken together; null: nothing. */
	flow: string | null;
	/** Credit that the broker gave in it, less what it took back: of the equity, not of the balance; null: none. */
	credit: string | null;
	/** Between this equity and the one before it there is a time in which nothing was seen. */
	isAfterGap: boolean;
}

export interface EquityCurveView {
	currency: string;
	currencyDigits: number;
	kind: AccountKindName;
	/** Names of the accounts that the curve is of. */
	accounts: string[];
	/** Those that the curve is without: they are inactive, or nothing was seen of them in the range. */
	leftOut: { name: string; why: 'inactive' | 'unseen' }[];
	/** From the first slot to the last without a hole, also where nothing was seen. */
	points: CurvePointView[];
	/** The deepest fall of all, and the slot in which it was. */
	deepest: (DrawdownView & { at: string }) | null;
}

/** GET /api/analytics/equity */
export interface EquityView extends Scope {
	stepMs: number;
	/** Accounts that may be added up, as in the aggregate. */
	curves: EquityCurveView[];
}
