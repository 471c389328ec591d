/** Reads the deals of several accounts by time or by profit, page by page at the same cost however far in. */
import {
	dealTypeWord,
	directionWord,
	isByProfit,
	type DealKindName,
	type DealView
} from '#lib/domain/dealViews.ts';
import type { LogPageView } from '#lib/domain/logViews.ts';
import type { DealEntry } from '#lib/domain/metrics/deal.ts';
import type { AccountKindName } from '#lib/domain/views.ts';
import type { Sql } from '../db.ts';
import { printCursor, type DealFilter } from './dealFilter.ts';

interface Row {
	accountId: string;
	accountNumber: string;
	name: string;
	accountKind: AccountKindName;
	ticket: string;
	at: Date;
	serverTimeMs: string;
	kind: DealKindName;
	type: number;
	entry: DealEntry | null;
	positionId: string | null;
	symbol: string | null;
	lots: string | null;
	price: string | null;
	commission: string;
	fee: string;
	swap: string;
	profit: string;
	comment: string | null;
}

/** In what an account's money is counted. */
export interface Money {
	currency: string;
	currencyDigits: number;
}
const NO_MONEY: Money = { currency: '', currencyDigits: 2 };

const dayStart = (day: string): string => `${day}::timestamp AT TIME ZONE 'UTC'`;

/**
 * Each account gives its next page by an index, and the page is the first of these together. There is one in the order of
 * time for everything, one for each symbol, and one for each kind but trades; and one in the order of profit. What is not asked for is not in the
 * statement, so that PostgreSQL sees which one serves. The first comparison with the cursor finds the place in the index;
 * the second one leaves out what was shown.
 */
function statement(userId: string, accountIds: readonly string[], filter: DealFilter, limit: number) {
	const isFalling = filter.sort === 'newest' || filter.sort === 'best';
	const [order, before] = isFalling ? ['DESC', '<'] : ['ASC', '>'];
	const [key, type] = isByProfit(filter.sort) ? ['profit', 'numeric'] : ['at', 'timestamptz'];
	const values: unknown[] = [userId, accountIds, limit];
	const value = (one: unknown): string => `$${values.push(one)}`;
	const conditions = ['d."accountId" = a.id'];
	if (filter.before) {
		const place = `${value(filter.before.key)}::${type}`;
		const ticket = `${value(filter.before.ticket)}::numeric`;
		conditions.push(
			`(d.${key}, d.ticket) ${before}= (${place}, ${ticket})`,
			`(d.${key}, d.ticket, d."accountId") ${before} (${place}, ${ticket}, ${value(filter.before.accountId)}::uuid)`
		);
	}
	if (filter.from !== undefined) conditions.push(`d.at >= ${dayStart(`${value(filter.from)}::date`)}`);
	if (filter.to !== undefined) conditions.push(`d.at < ${dayStart(`(${value(filter.to)}::date + 1)`)}`);
	if (filter.symbol !== undefined) conditions.push(`upper(d.symbol) = upper(${value(filter.symbol)}::text)`);
	if (filter.side !== undefined) conditions.push(`d.side = ${value(filter.side)}`);
	if (filter.kind !== undefined) conditions.push(`d.kind = ${value(filter.kind)}`);
	const text = `SELECT d.*, a."accountNumber", a.name, a.kind AS "accountKind"
	 FROM "Mt5Account" a CROSS JOIN LATERAL (
	   SELECT d."accountId", d.ticket, d.at, d."serverTimeMs", d.kind, d.type, d.entry, d."positionId", d.symbol,
	     d.lots, d.price, d.commission, d.fee, d.swap, d.profit, d.comment
	   FROM "Deal" d WHERE ${conditions.join(' AND ')}
	   ORDER BY d.${key} ${order}, d.ticket ${order} LIMIT $3
	 ) d
	 WHERE a."userId" = $1 AND a.id = ANY($2::uuid[])
	 ORDER BY d.${key} ${order}, d.ticket ${order}, d."accountId" ${order} LIMIT $3`;
	return { text, values };
}

/**
 * @param accounts of this trader, by id, with their currencies
 * @param limit lines a page
 */
export async function readDeals(
	sql: Sql,
	userId: string,
	accounts: ReadonlyMap<string, Money>,
	filter: DealFilter,
	limit: number
): Promise<LogPageView<DealView>> {
	// One more than a page tells whether there is another.
	const { rows } = await sql.query<Row>(statement(userId, [...accounts.keys()], filter, limit + 1));
	const shown = rows.slice(0, limit);
	const last = shown.at(-1);
	return {
		lines: shown.map((row) => dealView(row, accounts.get(row.accountId))),
		nextCursor: rows.length > limit && last ? printCursor({ ...last, key: keyOf(last, filter) }) : null
	};
}

const keyOf = ({ profit, at }: Row, { sort }: DealFilter): string =>
	isByProfit(sort) ? profit : at.toISOString();

const dealView = (row: Row, { currency, currencyDigits } = NO_MONEY): DealView => ({
	account: {
		id: row.accountId,
		number: row.accountNumber,
		name: row.name,
		kind: row.accountKind,
		currency,
		currencyDigits
	},
	ticket: row.ticket,
	at: row.at.toISOString(),
	serverTime: new Date(Number(row.serverTimeMs)).toISOString().replace('T', ' ').replace('Z', ''),
	kind: row.kind,
	type: dealTypeWord(row.type),
	direction: row.entry === null ? null : directionWord(row.entry),
	positionId: row.positionId,
	symbol: row.symbol,
	lots: row.lots,
	price: row.price,
	commission: row.commission,
	fee: row.fee,
	swap: row.swap,
	profit: row.profit,
	comment: row.comment
});
