/**
 * (h) The figures of 30 days over 5 accounts with 20,000 deals each, asked for over HTTP, while their past grows
 * tenfold until each account has 200,000. The floor is the best SQL by hand for the same figures, on the same rows.
 */
import { Decimal } from '#lib/domain/metrics/money.ts';
import type { AggregateView } from '#lib/domain/analyticsViews.ts';
import { aggregateFloor, type FloorFigures } from './aggregateFloor.ts';
import { DAY_MS, deposit, makeHistory } from './dealHistory.ts';
import type { Bench } from './environment.ts';
import { quantile, row, type Row } from './report.ts';

const ACCOUNTS = 5;
const DEALS_IN_RANGE = 20_000;
const OLDER_DEALS = 18_000;
const OLDER_DEALS_LATER = 180_000;
const DAYS = 30;
const OLDER_DAYS = 30;
const ROUNDS = 9;
const SCENARIO = 'aggregate-30-days';

export async function aggregate(bench: Bench): Promise<Row[]> {
	await bench.restartWeb();
	const { accountIds, cookie } = await bench.makeTrader(ACCOUNTS);
	const until = new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS);
	const from = new Date(until.getTime() - DAYS * DAY_MS);
	const older = new Date(from.getTime() - OLDER_DAYS * DAY_MS);
	const oldest = new Date(older.getTime() - 9 * OLDER_DAYS * DAY_MS);
	const fill = async (deals: number, part: { from: Date; until: Date; firstPosition: number }) => {
		await makeHistory(bench.pool, { accountIds, deals, ...part });
		await bench.pool.query('VACUUM ANALYZE');
	};
	await deposit(bench.pool, accountIds, new Date(oldest.getTime() - DAY_MS));
	await fill(OLDER_DEALS, { from: older, until: from, firstPosition: 1_000 });
	await fill(DEALS_IN_RANGE, { from, until, firstPosition: 2_000_000 });

	const days = [from.getTime(), until.getTime() - DAY_MS].map((ms) =>
		new Date(ms).toISOString().slice(0, 10)
	);
	const url = `${bench.origin}/api/analytics/aggregate?from=${days[0]}&to=${days[1]}`;
	const measure = async (): Promise<[number[], number[]]> => {
		const samples: [number[], number[]] = [[], []];
		// The first one finds nothing warm.
		for (let round = -1; round < ROUNDS; round++) {
			const startedAt = performance.now();
			const response = await fetch(url, { headers: { cookie } });
			const answer = (await response.json()) as AggregateView;
			const measuredAt = performance.now();
			const bare = await aggregateFloor(bench.pool, accountIds, from, until);
			const endedAt = performance.now();
			assertSame(answer, bare);
			if (round < 0) continue;
			samples[0].push(measuredAt - startedAt);
			samples[1].push(endedAt - measuredAt);
		}
		return samples;
	};
	const [measured, bare] = await measure();
	await fill(OLDER_DEALS_LATER - OLDER_DEALS, { from: oldest, until: older, firstPosition: 1_000_000 });
	const [later, bareLater] = await measure();
	const median = (samples: number[]) => quantile(samples, 0.5);
	return [
		row(SCENARIO, 'median', 'ms', median(measured), median(bare)),
		row(SCENARIO, 'median with 10× the older deals', 'ms', median(later), median(bareLater)),
		// The floor carries the mood of the machine: what is left is the effect of the past.
		row(
			SCENARIO,
			'÷ floor with 10× the older deals, against before',
			'–',
			median(later) / median(bareLater),
			median(measured) / median(bare)
		)
	];
}

/** A floor that computes something else is none. */
function assertSame({ groups, accounts }: AggregateView, bare: readonly FloorFigures[]): void {
	for (const { key, trades, net, depth, share } of bare) {
		const figures = (key === 'all' ? groups[0] : accounts.find(({ id }) => id === key))?.figures;
		const won = new Decimal(figures?.grossProfit ?? 0).plus(figures?.grossLoss ?? 0);
		const isSame =
			figures?.trades === trades &&
			won.eq(net) &&
			new Decimal(figures.balanceDrawdown?.money ?? 0).eq(depth) &&
			new Decimal(figures.balanceDrawdown?.share ?? 0).minus(share).abs().lt(1e-8);
		if (!isSame) throw new Error(`${JSON.stringify(figures)} is not ${trades} ${net} ${depth} ${share}`);
	}
}
