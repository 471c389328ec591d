/** The deals as the pages and the API ask for them: a page, or all of them as a file. */
import type { DealView } from '#lib/domain/dealViews.ts';
import type { LogPageView } from '#lib/domain/logViews.ts';
import type { App } from '../app.ts';
import { csvDownload } from '../audit/exportLog.ts';
import { filterOf } from '../audit/logFilter.ts';
import { parseInput } from '../http/readJson.ts';
import { chooseAccounts } from './analyticsRequest.ts';
import { dealFilterSchema, readCursor, type DealFilter } from './dealFilter.ts';
import { readDeals, type Money } from './readDeals.ts';

const PAGE_LINES = 50;
const EXPORT_LINES = 1_000;

interface DealRequest {
	filter: DealFilter;
	accounts: Map<string, Money>;
}

async function readRequest(app: App, userId: string, params: URLSearchParams): Promise<DealRequest> {
	const filter = parseInput(filterOf(params), dealFilterSchema);
	const chosen = await chooseAccounts(app, userId, filter.account_ids);
	return {
		filter,
		accounts: new Map(
			chosen.map(({ id, currency, figures }) => [
				id,
				{ currency, currencyDigits: figures?.currencyDigits ?? 2 }
			])
		)
	};
}

/**
 * @param limit lines a page
 * @throws AppError VALIDATION, NOT_FOUND
 */
export async function dealPage(
	app: App,
	userId: string,
	params: URLSearchParams,
	limit = PAGE_LINES
): Promise<LogPageView<DealView>> {
	const { filter, accounts } = await readRequest(app, userId, params);
	return readDeals(app.db.pool, userId, accounts, filter, limit);
}

/** @throws AppError VALIDATION, NOT_FOUND */
export async function dealFile(app: App, userId: string, params: URLSearchParams): Promise<Response> {
	const { filter, accounts } = await readRequest(app, userId, params);
	return csvDownload(
		'quintet-deals',
		[
			...['account', 'name', 'currency', 'time (UTC)', 'time (broker)', 'deal', 'position', 'symbol', 'type'],
			...['direction', 'volume', 'price', 'commission', 'fee', 'swap', 'profit', 'comment']
		],
		(before) => readDeals(app.db.pool, userId, accounts, { ...filter, ...placeOf(before) }, EXPORT_LINES),
		(deal) => [
			deal.account.number,
			deal.account.name,
			deal.account.currency,
			deal.at,
			deal.serverTime,
			deal.ticket,
			deal.positionId,
			deal.symbol,
			deal.type,
			deal.direction,
			deal.lots,
			deal.price,
			deal.commission,
			deal.fee,
			deal.swap,
			deal.profit,
			deal.comment
		]
	);
}

const placeOf = (before: string | null): Pick<DealFilter, 'before'> =>
	before === null ? {} : { before: readCursor(before) };
