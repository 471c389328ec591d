/**
 * Writes down once a minute what every connected account is worth, as its agent told it, at the moment at which its
 * figures were seen: what was paid in or out before is in them, and nothing later. Only what is seen is written: an account
 * that is not connected leaves a gap.
 */
import { STALE_AFTER_MS } from '#lib/domain/limits.ts';
import type { Figures } from '#lib/protocol/seen.ts';
import type { Report } from '../accounts/accountView.ts';
import type { Database } from '../db.ts';
import type { LiveAccounts } from '../live/liveAccounts.ts';

const MINUTE_MS = 60_000;

export class SnapshotTaker {
	readonly #db: Database;
	readonly #live: Pick<LiveAccounts, 'ownReports'>;
	readonly #nowMs: () => number;
	/** The minute of each account's newest snapshot. */
	#minutes = new Map<string, number>();

	constructor(db: Database, live: Pick<LiveAccounts, 'ownReports'>, nowMs: () => number) {
		this.#db = db;
		this.#live = live;
		this.#nowMs = nowMs;
	}

	/** Called every few seconds: an account that comes within a minute has its snapshot of it, too. */
	async take(): Promise<void> {
		const nowMs = this.#nowMs();
		const rows: SnapshotRow[] = [];
		const minutes = new Map<string, number>();
		for (const [accountId, report] of this.#live.ownReports()) {
			const taken = this.#minutes.get(accountId);
			if (taken !== undefined) minutes.set(accountId, taken);
			const row = rowOf(accountId, report, nowMs);
			if (row && minuteOf(report.seenAtMs) !== taken) rows.push(row);
		}
		// Without those whose agents are no longer here.
		this.#minutes = minutes;
		if (rows.length === 0) return;
		await this.#db.pool.query({
			name: 'account-snapshots',
			text: `INSERT INTO "AccountSnapshot" ("accountId", at, balance, equity, "floatingProfit", margin, "openPositions",
			         "openLots")
			       SELECT x."accountId", x.at, x.balance, x.equity, x."floatingProfit", x.margin, x."openPositions", x."openLots"
			       FROM jsonb_to_recordset($1::jsonb) AS x("accountId" uuid, at timestamptz, balance numeric, equity numeric,
			         "floatingProfit" numeric, margin numeric, "openPositions" int, "openLots" numeric)
			       JOIN "Mt5Account" a ON a.id = x."accountId"
			       ON CONFLICT DO NOTHING`,
			values: [JSON.stringify(rows)]
		});
		for (const { accountId, at } of rows) this.#minutes.set(accountId, minuteOf(Date.parse(at)));
	}
}

type SnapshotRow = { accountId: string; at: string } & Pick<
	Figures,
	'balance' | 'equity' | 'floatingProfit' | 'margin' | 'openPositions' | 'openLots'
>;

/** The same minutes as the unique index of the table has (migration `snapshot_moments`). */
const minuteOf = (atMs: number): number => Math.floor(atMs / MINUTE_MS);

function rowOf(accountId: string, { state, figures, seenAtMs }: Report, nowMs: number): SnapshotRow | null {
	if (!figures || state.connection !== 'connected' || nowMs - seenAtMs > STALE_AFTER_MS) return null;
	const { balance, equity, floatingProfit, margin, openPositions, openLots } = figures;
	const at = new Date(seenAtMs).toISOString();
	return { accountId, at, balance, equity, floatingProfit, margin, openPositions, openLots };
}
