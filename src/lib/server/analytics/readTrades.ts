/** The sums over the trades of a range, per account and symbol, hour and day. */
import { Decimal } from '#lib/domain/metrics/money.ts';
import { joinSums, NO_TRADES, type TradeSums } from '#lib/domain/metrics/tradeStats.ts';
import type { Sql } from '../db.ts';
import { TRADE_SUMS } from './tradeSql.ts';

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
	dimension: Dimension;
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
	const { rows } = await sql.query<SumsRow>(TRADE_SUMS, [accountIds, from, until]);
	for (const row of rows)
		addSums((byAccount.get(row.accountId) ?? noTrades())[row.dimension], row.key, sumsOf(row));
	return byAccount;
}
