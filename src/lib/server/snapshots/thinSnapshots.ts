/** Older snapshots are thinned out: of a quarter of an hour, and later of a day, the last one stays (docs/metrics.md). */
import { KEEP_MINUTES_MS, KEEP_QUARTERS_MS } from '#lib/domain/metrics/curveSteps.ts';
import type { Database } from '../db.ts';

const QUARTER_MS = 15 * 60_000;
const DAY_MS = 86_400_000;
/** How much is looked through by the first call: a server that was away for longer leaves more than it has to. */
const FIRST_MS = 7 * DAY_MS;

const STAGES = [
	{ keptMs: KEEP_MINUTES_MS, everyMs: QUARTER_MS },
	{ keptMs: KEEP_QUARTERS_MS, everyMs: DAY_MS }
];

/** @returns to be called now and then; each call looks only at what grew too old since the one before */
export function createSnapshotThinning(db: Database, nowMs: () => number): () => Promise<void> {
	const doneUntilMs = new Map<number, number>();
	return async () => {
		for (const { keptMs, everyMs } of STAGES) {
			const untilMs = Math.floor((nowMs() - keptMs) / everyMs) * everyMs;
			const fromMs = doneUntilMs.get(everyMs) ?? untilMs - FIRST_MS;
			if (untilMs <= fromMs) continue;
			// Account by account, as the table is ordered.
			await db.pool.query(
				`DELETE FROM "AccountSnapshot" s USING (
				   SELECT a.id, x.at FROM "Mt5Account" a CROSS JOIN LATERAL (
				     SELECT at, row_number() OVER (PARTITION BY date_bin($3::interval, at, 'epoch') ORDER BY at DESC) AS n
				     FROM "AccountSnapshot" WHERE "accountId" = a.id AND at >= $1 AND at < $2
				   ) AS x WHERE x.n > 1
				 ) AS old WHERE s."accountId" = old.id AND s.at = old.at`,
				[new Date(fromMs), new Date(untilMs), `${everyMs / 1_000} seconds`]
			);
			doneUntilMs.set(everyMs, untilMs);
		}
	};
}
