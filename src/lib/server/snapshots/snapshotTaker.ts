/**
 * Writes down once a minute what every connected account is worth, as its agent told it. Only what is seen is written:
 * an account that is not connected leaves a gap.
 */
import { STALE_AFTER_MS } from '#lib/domain/limits.ts';
import type { Report } from '../accounts/accountView.ts';
import type { Database } from '../db.ts';
import type { LiveAccounts } from '../live/liveAccounts.ts';

const MINUTE_MS = 60_000;

export class SnapshotTaker {
	readonly #db: Database;
	readonly #live: Pick<LiveAccounts, 'ownReports'>;
	readonly #nowMs: () => number;
	/** The present minute, and whose snapshot of it is written. */
	#minuteMs = 0;
	#taken = new Set<string>();

	constructor(db: Database, live: Pick<LiveAccounts, 'ownReports'>, nowMs: () => number) {
		this.#db = db;
		this.#live = live;
		this.#nowMs = nowMs;
	}

	/** Called every few seconds: an account that comes within a minute has its snapshot of it, too. */
	async take(): Promise<void> {
		const nowMs = this.#nowMs();
		const minuteMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
		if (minuteMs !== this.#minuteMs) this.#taken = new Set();
		this.#minuteMs = minuteMs;
		const taken = this.#taken;
		const rows = [...this.#live.ownReports()].flatMap(([accountId, report]) =>
			taken.has(accountId) ? [] : (rowOf(accountId, report, nowMs) ?? [])
		);
		if (rows.length === 0) return;
		await this.#db.pool.query({
			name: 'account-snapshots',
			text: `INSERT INTO "AccountSnapshot" ("accountId", at, balance, equity, "floatingProfit", margin, "openPositions",
			         "openLots")
			       SELECT x."accountId", $2, x.balance, x.equity, x."floatingProfit", x.margin, x."openPositions", x."openLots"
			       FROM jsonb_to_recordset($1::jsonb) AS x("accountId" uuid, balance numeric, equity numeric,
			         "floatingProfit" numeric, margin numeric, "openPositions" int, "openLots" numeric)
			       JOIN "Mt5Account" a ON a.id = x."accountId"
			       ON CONFLICT DO NOTHING`,
			values: [JSON.stringify(rows), new Date(minuteMs)]
		});
		for (const { accountId } of rows) taken.add(accountId);
	}
}

function rowOf(accountId: string, { state, figures, seenAtMs }: Report, nowMs: number) {
	if (!figures || state.connection !== 'connected' || nowMs - seenAtMs > STALE_AFTER_MS) return null;
	const { balance, equity, floatingProfit, margin, openPositions, openLots } = figures;
	return { accountId, balance, equity, floatingProfit, margin, openPositions, openLots };
}
