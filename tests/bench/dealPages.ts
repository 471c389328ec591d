/**
 * (i) A page of the deals of 5 accounts with 200,000 each, over HTTP: at any depth, in each order, with each filter. The
 * floor of a page is the first page of the same list, measured in turns with it.
 */
import type { DealView } from '#lib/domain/dealViews.ts';
import type { LogPageView } from '#lib/domain/logViews.ts';
import { DAY_MS, deposit, makeHistory } from './dealHistory.ts';
import type { Bench } from './environment.ts';
import { quantile, row, type Row } from './report.ts';

const ACCOUNTS = 5;
const DEALS = 200_000;
const DAYS = 400;
const ROUNDS = 40;
const SCENARIO = 'deal-pages';
/** Shares of the list that lie before the page. */
const DEPTHS = [0.25, 0.5, 0.75, 0.999];
const LISTS = [
	...['', 'sort=oldest', 'symbol=XAUUSD', 'side=buy', 'kind=trade', 'symbol=XAUUSD&sort=oldest'],
	...['sort=best', 'sort=worst', 'sort=worst&symbol=XAUUSD']
];

export async function dealPages(bench: Bench): Promise<Row[]> {
	await bench.restartWeb();
	const { accountIds, cookie } = await bench.makeTrader(ACCOUNTS);
	const until = new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS);
	const from = new Date(until.getTime() - DAYS * DAY_MS);
	await deposit(bench.pool, accountIds, new Date(from.getTime() - DAY_MS));
	await makeHistory(bench.pool, { accountIds, deals: DEALS, from, until, firstPosition: 1_000 });
	await bench.pool.query('VACUUM ANALYZE "Deal"');

	const page = async (query: string): Promise<number> => {
		const startedAt = performance.now();
		const response = await fetch(`${bench.origin}/api/deals?${query}`, { headers: { cookie } });
		const { lines } = (await response.json()) as LogPageView<DealView>;
		if (lines.length === 0) throw new Error(`${query}: ${response.status}, no deals`);
		return performance.now() - startedAt;
	};
	const { rows: depths } = await bench.pool.query<{ profit: string }>(
		`SELECT unnest(percentile_disc($2::float8[]) WITHIN GROUP (ORDER BY profit))::text AS profit
		 FROM "Deal" WHERE "accountId" = ANY($1::uuid[]) AND kind = 'trade'`,
		[accountIds, [...DEPTHS, ...DEPTHS.map((depth) => 1 - depth)]]
	);
	/** What a list is sorted by, so far in. */
	const placeAt = (list: string, i: number): string => {
		if (list.includes('best')) return depths[DEPTHS.length + i]?.profit ?? '';
		if (list.includes('worst')) return depths[i]?.profit ?? '';
		const depth = DEPTHS[i] ?? NaN;
		const share = list.includes('oldest') ? depth : 1 - depth;
		return new Date(from.getTime() + share * DAYS * DAY_MS).toISOString();
	};

	const rows: Row[] = [];
	for (const list of LISTS) {
		const first: number[] = [];
		const deep = DEPTHS.map((): number[] => []);
		for (let round = -2; round < ROUNDS; round++) {
			const samples = [await page(list)];
			for (const i of DEPTHS.keys())
				samples.push(await page(`${list}&before=${placeAt(list, i)}_1_${accountIds[0]}`));
			if (round < 0) continue;
			first.push(samples[0] ?? NaN);
			for (const [i, each] of deep.entries()) each.push(samples[i + 1] ?? NaN);
		}
		const slowest = Math.max(...deep.map((samples) => quantile(samples, 0.5)));
		rows.push(row(SCENARIO, `${list || 'all'}: slowest depth, median`, 'ms', slowest, quantile(first, 0.5)));
	}
	// Five in a million: without an index of its own, the list of them would read everything.
	const rare: number[] = [];
	const first: number[] = [];
	for (let round = 0; round < ROUNDS; round++) {
		rare.push(await page('kind=flow'));
		first.push(await page(''));
	}
	rows.push(row(SCENARIO, 'kind=flow, median', 'ms', quantile(rare, 0.5), quantile(first, 0.5)));
	return rows;
}
