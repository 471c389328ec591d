/** Reads the deals of several accounts in the order of time, page by page at the same cost however far in. */
import { dealTypeWord, directionWord, type DealKindName, type DealView } from '#lib/domain/dealViews.ts';
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

/**
 * Each account gives its next page by the index on its deals' times, and the page is the first of these together.
 * The first comparison with the cursor finds the place in the index; the second one leaves out what was shown.
 */
function statement(sort: DealFilter['sort']): string {
	const [order, before, none] =
		sort === 'newest' ? ['DESC', '<', `'infinity', 'Infinity'`] : ['ASC', '>', `'-infinity', '-1'`];
	const [noTime, noTicket] = none.split(', ');
	return `SELECT d.*, a."accountNumber", a.name, a.kind AS "accountKind"
	 FROM "Mt5Account" a CROSS JOIN LATERAL (
	   SELECT d."accountId", d.ticket, d.at, d."serverTimeMs", d.kind, d.type, d.entry, d."positionId", d.symbol,
	     d.lots, d.price, d.commission, d.fee, d.swap, d.profit, d.comment
	   FROM "Deal" d
	   WHERE d."accountId" = a.id
	     AND (d.at, d.ticket) ${before}= (coalesce($3::timestamptz, ${noTime}), coalesce($4::numeric, ${noTicket}))
	     AND ($3::timestamptz IS NULL OR (d.at, d.ticket, d."accountId") ${before} ($3, $4, $5::uuid))
	     AND d.at >= coalesce($6::date::timestamp AT TIME ZONE 'UTC', '-infinity')
	     AND d.at < coalesce(($7::date + 1)::timestamp AT TIME ZONE 'UTC', 'infinity')
	     AND ($8::text IS NULL OR upper(d.symbol) = upper($8))
	     AND ($9::text IS NULL OR d.side = $9)
	     AND ($10::text IS NULL OR d.kind = $10)
	   ORDER BY d.at ${order}, d.ticket ${order} LIMIT $11
	 ) d
	 WHERE a."userId" = $1 AND a.id = ANY($2::uuid[])
	 ORDER BY d.at ${order}, d.ticket ${order}, d."accountId" ${order} LIMIT $11`;
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
	const { before } = filter;
	const { rows } = await sql.query<Row>(statement(filter.sort), [
		userId,
		[...accounts.keys()],
		before?.at ?? null,
		before?.ticket ?? null,
		before?.accountId ?? null,
		filter.from ?? null,
		filter.to ?? null,
		filter.symbol ?? null,
		filter.side ?? null,
		filter.kind ?? null,
		// One more than a page tells whether there is another.
		limit + 1
	]);
	const shown = rows.slice(0, limit);
	const last = shown.at(-1);
	return {
		lines: shown.map((row) => dealView(row, accounts.get(row.accountId))),
		nextCursor: rows.length > limit && last ? printCursor({ ...last, at: last.at.toISOString() }) : null
	};
}

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
