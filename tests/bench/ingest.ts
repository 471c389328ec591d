/**
 * (j) Deals of 5 accounts (QUINTET_BENCH_DEALS=1000000 for a million of them), told by their agents while the web server is
 * killed in the middle: every one is there once, with its trade and its day. The floor is the same rows in commits of the
 * same size, written by hand and nothing else with them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startChild } from './child.ts';
import { DAY_MS } from './dealHistory.ts';
import type { Bench } from './environment.ts';
import { row, type Row } from './report.ts';

const ACCOUNTS = 5;
/** What one run of the whole table can afford; the full million takes some minutes. */
const DEALS = Number(process.env['QUINTET_BENCH_DEALS'] ?? 50_000);
const DAYS = 400;
/** A frame of each account: what one commit of the server has at most, when each account has one under way. */
const DEALS_PER_COMMIT = ACCOUNTS * 100;
const FLOOR_COMMITS = 60;
const SCENARIO = `ingest-${DEALS}`;

interface Progress {
	acknowledged: number;
	frames: number;
}

export async function ingest(bench: Bench): Promise<Row[]> {
	await bench.restartWeb();
	const { agents, accountIds } = await bench.makeTrader(ACCOUNTS);
	const lastMs = Math.floor(Date.now() / DAY_MS) * DAY_MS;
	const child = startChild('tellingAgents.ts');
	const startedAtMs = Date.now();
	await child.call('start', {
		url: `${bench.origin.replace('http', 'ws')}/agent/v1`,
		agents,
		deals: DEALS / ACCOUNTS,
		firstMs: lastMs - DAYS * DAY_MS,
		lastMs
	});
	const reached = async (deals: number): Promise<Progress> => {
		for (; ; await sleep(20)) {
			const progress = await child.call<Progress>('progress');
			if (progress.acknowledged >= deals) return progress;
		}
	};
	const { acknowledged } = await reached(DEALS / 2);
	const perSecond = (acknowledged * 1_000) / (Date.now() - startedAtMs);
	await bench.restartWeb('SIGKILL');
	const upAtMs = Date.now();
	const before = await child.call<Progress>('progress');
	await reached(before.acknowledged + 1);
	const resumedMs = Date.now() - upAtMs;
	await child.call('told');
	const { frames } = await child.call<Progress>('progress');
	await child.end();

	const { rows: counts } = await bench.pool.query<{ deals: number; trades: number; differing: number }>(
		`SELECT (SELECT count(*)::int FROM "Deal" WHERE "accountId" = ANY($1::uuid[])) AS deals,
		   (SELECT count(*)::int FROM "Trade" WHERE "accountId" = ANY($1::uuid[])) AS trades,
		   (SELECT count(*)::int FROM (
		     SELECT "accountId", (at AT TIME ZONE 'UTC')::date AS day, sum(profit + swap + commission + fee) AS net
		     FROM "Deal" WHERE "accountId" = ANY($1::uuid[]) GROUP BY 1, 2
		   ) d FULL JOIN (
		     SELECT * FROM "DailyPerformance" WHERE "accountId" = ANY($1::uuid[])
		   ) p USING ("accountId", day) WHERE net IS DISTINCT FROM "netProfit") AS differing`,
		[accountIds]
	);
	const [{ deals, trades, differing } = { deals: NaN, trades: NaN, differing: NaN }] = counts;
	if (deals !== DEALS || trades !== DEALS / 2 || differing > 0)
		throw new Error(`${deals} deals, ${trades} trades, ${differing} days that do not fit`);
	const bare = await floor(bench, accountIds);
	return [
		row(SCENARIO, 'deals stored per second', '1/s', perSecond, bare, { isMoreBetter: true }),
		row(SCENARIO, 'killed: first deal stored after the start', 'ms', resumedMs),
		row(SCENARIO, 'frames sent more than once', '', frames - DEALS / 100),
		row(SCENARIO, 'deals lost or stored twice', '', deals - DEALS)
	];
}

/** Deals per second. */
async function floor(bench: Bench, accountIds: readonly string[]): Promise<number> {
	const { accountIds: others } = await bench.makeTrader(accountIds.length);
	const client = new pg.Client({ connectionString: bench.databaseUrl });
	await client.connect();
	try {
		const { rows } = await client.query<Record<string, unknown> & { accountId: string }>(
			`SELECT * FROM "Deal" WHERE "accountId" = ANY($1::uuid[]) ORDER BY at, ticket LIMIT $2`,
			[accountIds, FLOOR_COMMITS * DEALS_PER_COMMIT]
		);
		const copies = rows.map((one) => ({ ...one, accountId: others[accountIds.indexOf(one.accountId)] }));
		const startedAt = performance.now();
		for (let i = 0; i < copies.length; i += DEALS_PER_COMMIT)
			await client.query({
				name: 'floor',
				text: `INSERT INTO "Deal" SELECT * FROM jsonb_populate_recordset(NULL::"Deal", $1::jsonb)`,
				values: [JSON.stringify(copies.slice(i, i + DEALS_PER_COMMIT))]
			});
		return (copies.length * 1_000) / (performance.now() - startedAt);
	} finally {
		await client.end();
	}
}
