/** The three answers of /api/analytics: what the accounts of a trader did in a range of days. */
import type {
	AggregateView,
	AnalysedAccountView,
	ComparisonView,
	GroupView,
	SliceView,
	SummaryView
} from '#lib/domain/analyticsViews.ts';
import { Decimal, sum, ZERO } from '#lib/domain/metrics/money.ts';
import { ratiosOf } from '#lib/domain/metrics/tradeStats.ts';
import type { AccountView } from '#lib/domain/views.ts';
import type { App } from '../app.ts';
import { currencyDigits, groupAccounts, scopeOf, type AccountGroup } from './accountGroups.ts';
import { readAnalyticsRequest, type AnalyticsRequest } from './analyticsRequest.ts';
import { byWeekday, daysOf, growthOf, rangeFigures, slicesOf, totalOf } from './figures.ts';
import { readBalanceFalls } from './balanceFalls.ts';
import { readEquityFalls } from './equityFalls.ts';
import { joinMoney, readMoney, sumOfDays, type AccountMoney } from './readMoney.ts';
import { addSums, noTrades, readTrades, type AccountTrades } from './readTrades.ts';

interface Sums {
	trades: AccountTrades;
	money: AccountMoney;
}

interface Group extends AccountGroup {
	sums: Sums;
}

/** @throws AppError VALIDATION, NOT_FOUND */
export async function readAggregate(
	app: App,
	userId: string,
	params: URLSearchParams
): Promise<AggregateView> {
	const request = await readAnalyticsRequest(app, userId, params);
	const money = await readMoneyOf(app, request);
	const [{ sumsOf, groups }, figuresOf] = await Promise.all([
		readSums(app, request, money),
		readFigures(app, request, money, groupAccounts(request.accounts))
	]);
	return {
		...scopeOf(request),
		groups: groups.map(({ key, accounts, sums }) => ({
			...groupView(accounts),
			figures: figuresOf(key, sums),
			bySymbol: slicesOf(sums.trades.symbol, byTrades),
			byHour: slicesOf(sums.trades.hour, byNumber),
			byWeekday: slicesOf(byWeekday(sums.trades.day), byNumber),
			days: daysOf(sums.trades, sums.money),
			openingBalance: sums.money.opening.toFixed()
		})),
		accounts: request.accounts.map((account) => ({
			...accountPart(account),
			figures: figuresOf(account.id, sumsOf(account.id))
		}))
	};
}

/** @throws AppError VALIDATION, NOT_FOUND */
export async function readComparison(
	app: App,
	userId: string,
	params: URLSearchParams
): Promise<ComparisonView> {
	const request = await readAnalyticsRequest(app, userId, params);
	const money = await readMoneyOf(app, request);
	const [{ sumsOf }, figuresOf] = await Promise.all([
		readSums(app, request, money),
		readFigures(app, request, money, [])
	]);
	return {
		...scopeOf(request),
		accounts: request.accounts.map((account) => ({
			...accountPart(account),
			figures: figuresOf(account.id, sumsOf(account.id)),
			growth: growthOf(sumsOf(account.id).money, request.range.from, request.lastDay)
		}))
	};
}

/** @throws AppError VALIDATION, NOT_FOUND */
export async function readSummary(app: App, userId: string, params: URLSearchParams): Promise<SummaryView> {
	const request = await readAnalyticsRequest(app, userId, params);
	const { sumsOf, groups } = await readSums(app, request, await readMoneyOf(app, request));
	return {
		...scopeOf(request),
		groups: groups.map(({ accounts, sums }) => ({ ...groupView(accounts), ...shortFigures(sums) })),
		accounts: request.accounts.map((account) => ({
			...accountPart(account),
			...shortFigures(sumsOf(account.id))
		}))
	};
}

const byTrades = (a: SliceView, b: SliceView): number => b.trades - a.trades || a.key.localeCompare(b.key);
const byNumber = (a: SliceView, b: SliceView): number => Number(a.key) - Number(b.key);

type MoneyOf = (accountId: string) => AccountMoney;

/** Days are kept ready, so that this takes no time beside the rest, which needs the balances at the beginning. */
async function readMoneyOf({ db }: App, { accounts, from, until }: AnalyticsRequest): Promise<MoneyOf> {
	const ids = accounts.map(({ id }) => id);
	const money = await readMoney(db.pool, ids, from, until);
	return (id) => money.get(id) ?? { opening: ZERO, days: new Map() };
}

async function readSums(
	{ db }: App,
	{ accounts, from, until }: AnalyticsRequest,
	moneyOf: MoneyOf
): Promise<{ sumsOf: (accountId: string) => Sums; groups: Group[] }> {
	const ids = accounts.map(({ id }) => id);
	const trades = await readTrades(db.pool, ids, from, until);
	const sumsOf = (id: string): Sums => ({ trades: trades.get(id) ?? noTrades(), money: moneyOf(id) });
	const groups = groupAccounts(accounts).map(({ key, accounts: members }) => ({
		key,
		accounts: members,
		sums: joinAccounts(members.map(({ id }) => sumsOf(id)))
	}));
	return { sumsOf, groups };
}

function joinAccounts(parts: readonly Sums[]): Sums {
	const trades = noTrades();
	for (const part of parts)
		for (const dimension of ['symbol', 'hour', 'day'] as const)
			for (const [key, sums] of part.trades[dimension]) addSums(trades[dimension], key, sums);
	return { trades, money: joinMoney(parts.map(({ money }) => money)) };
}

async function readFigures(
	{ db }: App,
	{ accounts, range, lastDay, from, until }: AnalyticsRequest,
	moneyOf: MoneyOf,
	groups: readonly AccountGroup[]
) {
	const ids = accounts.map(({ id }) => id);
	// One account is a group of one.
	const joint = groups.filter(({ accounts: members }) => members.length > 1);
	const scopes = [...accounts.map((account) => ({ key: account.id, accounts: [account] })), ...joint].map(
		({ key, accounts: members }) => ({
			key,
			accountIds: members.map(({ id }) => id),
			opening: sum(members.map(({ id }) => moneyOf(id).opening))
		})
	);
	const [balanceFalls, equityFalls] = await Promise.all([
		readBalanceFalls(db.pool, scopes, from, until),
		readEquityFalls(db.pool, ids, from, until)
	]);
	const single = new Map(
		groups.flatMap(({ key, accounts: [only, ...others] }) =>
			only && others.length === 0 ? [[key, only.id]] : []
		)
	);
	return (key: string, { trades, money }: Sums) =>
		rangeFigures(
			trades,
			money,
			{ from: range.from, to: lastDay },
			{
				balance: balanceFalls.get(single.get(key) ?? key),
				// The snapshots of several accounts are of different moments, and make no curve together.
				equity: equityFalls.get(key)
			}
		);
}

function shortFigures({ trades, money }: Sums): {
	trades: number;
	netProfit: string;
	winRate: string | null;
} {
	const total = totalOf(trades.day);
	return {
		trades: total.trades,
		netProfit: sumOfDays(money.days.values()).netProfit.toFixed(),
		winRate: ratiosOf(total).winRate?.toDecimalPlaces(8).toFixed() ?? null
	};
}

/** Seen within the last seconds: what may be claimed of now. */
const isFresh = (account: AccountView): boolean => account.state !== 'unknown';

function groupView(accounts: readonly AccountView[]): GroupView {
	const [{ currency, kind } = { currency: '', kind: 'DEMO' as const }] = accounts;
	const known = accounts.filter(({ balance }) => balance !== null);
	const fresh = known.filter(isFresh);
	const seen = fresh.length > 0 ? fresh : known;
	const total = (pick: (account: AccountView) => string | null) =>
		seen.length === 0 ? null : sum(seen.map((account) => new Decimal(pick(account) ?? 0))).toFixed();
	return {
		currency,
		currencyDigits: Math.max(...accounts.map(currencyDigits)),
		kind,
		accounts: accounts.length,
		standing: {
			balance: total(({ balance }) => balance),
			equity: total(({ equity }) => equity),
			seenAccounts: seen.length,
			isStale: fresh.length === 0 && known.length > 0
		}
	};
}

const accountPart = (account: AccountView): AnalysedAccountView => ({
	id: account.id,
	accountNumber: account.accountNumber,
	name: account.name,
	broker: account.broker,
	currency: account.currency,
	currencyDigits: currencyDigits(account),
	kind: account.kind,
	connection: account.connection,
	balance: account.balance,
	equity: account.equity,
	seenAt: account.seenAt
});
