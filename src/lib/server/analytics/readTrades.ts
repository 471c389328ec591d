/** The sums over the trades of a range, per account and symbol, hour and day. */
import type { TradingDeal } from '#lib/domain/metrics/deal.ts';
import { Decimal } from '#lib/domain/metrics/money.ts';
import { joinSums, NO_TRADES, sumsOfTrade, type TradeSums } from '#lib/domain/metrics/tradeStats.ts';
import { tradesOfPosition, type Trade } from '#lib/domain/metrics/trades.ts';
import type { Sql } from '../db.ts';
import { DEALS_OF_POSITIONS, TRADE_SUMS } from './tradeSql.ts';

/** Sums by what they are of: a symbol, an hour (`0` to `23`) or a day. */
export type SumsByKey = Map<string, TradeSums>;

export interface AccountTrades {
	symbol: SumsByKey;
	hour: SumsByKey;
	day: SumsByKey;
}
type Dimension = keyof AccountTrades;

export const noTrades = (): AccountTrades => ({ symbol: new Map(), hour: new Map(), day: new Map() });

export function addSums(to: SumsByKey, key: string, sums: TradeSums): void {
	to.set(key, joinSums(to.get(key) ?? NO_TRADES, sums));
}

interface SumsRow {
	accountId: string;
	dimension: Dimension | 'position';
	key: string;
	trades: number;
	wins: number;
	losses: number;
	grossProfit: string;
	grossLoss: string;
	lots: string;
	best: string | null;
	worst: string | null;
	heldTrades: number;
	heldMs: string;
}

const decimalOrNull = (text: string | null): Decimal | null => (text === null ? null : new Decimal(text));

const sumsOf = (row: SumsRow): TradeSums => ({
	trades: row.trades,
	wins: row.wins,
	losses: row.losses,
	grossProfit: new Decimal(row.grossProfit),
	grossLoss: new Decimal(row.grossLoss),
	volumeLots: new Decimal(row.lots),
	best: decimalOrNull(row.best),
	worst: decimalOrNull(row.worst),
	heldTrades: row.heldTrades,
	heldMs: Number(row.heldMs)
});

/** @param until the first moment after the range */
export async function readTrades(
	sql: Sql,
	accountIds: readonly string[],
	from: Date,
	until: Date
): Promise<Map<string, AccountTrades>> {
	const byAccount = new Map(accountIds.map((id) => [id, noTrades()]));
	const walked: { accountId: string; positionId: string }[] = [];
	const { rows } = await sql.query<SumsRow>(TRADE_SUMS, [accountIds, from, until]);
	for (const row of rows) {
		if (row.dimension === 'position') walked.push({ accountId: row.accountId, positionId: row.key });
		else addSums((byAccount.get(row.accountId) ?? noTrades())[row.dimension], row.key, sumsOf(row));
	}
	for (const { accountId, trade } of await readWalkedTrades(sql, walked)) {
		const at = new Date(trade.closedAtMs);
		if (at < from || at >= until) continue;
		const account = byAccount.get(accountId) ?? noTrades();
		const sums = sumsOfTrade(trade);
		addSums(account.symbol, trade.symbol, sums);
		addSums(account.hour, String(at.getUTCHours()), sums);
		addSums(account.day, at.toISOString().slice(0, 10), sums);
	}
	return byAccount;
}

interface DealRow {
	accountId: string;
	ticket: string;
	positionId: string;
	symbol: string;
	side: TradingDeal['side'];
	entry: TradingDeal['entry'];
	lots: string;
	profit: string;
	swap: string;
	commission: string;
	fee: string;
	at: Date;
}

/** Trades of the positions that were entered anew after an exit, or turned round. */
async function readWalkedTrades(
	sql: Sql,
	positions: readonly { accountId: string; positionId: string }[]
): Promise<{ accountId: string; trade: Trade }[]> {
	if (positions.length === 0) return [];
	const { rows } = await sql.query<DealRow>(DEALS_OF_POSITIONS, [
		positions.map(({ accountId }) => accountId),
		positions.map(({ positionId }) => positionId)
	]);
	const byPosition = new Map<string, { accountId: string; deals: TradingDeal[] }>();
	for (const row of rows) {
		const key = `${row.accountId} ${row.positionId}`;
		const position = byPosition.get(key) ?? { accountId: row.accountId, deals: [] };
		position.deals.push(tradingDealOf(row));
		byPosition.set(key, position);
	}
	return [...byPosition.values()].flatMap(({ accountId, deals }) =>
		tradesOfPosition(deals).trades.map((trade) => ({ accountId, trade }))
	);
}

const tradingDealOf = (row: DealRow): TradingDeal => ({
	kind: 'trade',
	ticket: BigInt(row.ticket),
	positionId: BigInt(row.positionId),
	symbol: row.symbol,
	side: row.side,
	entry: row.entry,
	timeMs: row.at.getTime(),
	volumeLots: new Decimal(row.lots),
	profit: new Decimal(row.profit),
	swap: new Decimal(row.swap),
	commission: new Decimal(row.commission),
	fee: new Decimal(row.fee)
});
