/**
 * Saves the newest reports, so that a restarted server shows what was seen last, with its time. A new state is
 * saved at once, figures alone every few seconds; all in one statement.
 */
import type { Database } from '../db.ts';
import type { LiveAccounts } from './liveAccounts.ts';

export async function saveReports(db: Database, live: LiveAccounts, withFigures: boolean): Promise<void> {
	const unsaved = live.takeUnsaved(withFigures);
	if (unsaved.size === 0) return;
	const rows = [...unsaved].map(([accountId, { state, figures, seenAtMs }]) => ({
		accountId,
		seen: { state, figures },
		seenAt: new Date(seenAtMs)
	}));
	try {
		await db.pool.query({
			name: 'save-reports',
			text: `UPDATE "AccountState" s SET seen = x.seen, "seenAt" = x."seenAt"
			       FROM jsonb_to_recordset($1::jsonb) AS x("accountId" uuid, seen jsonb, "seenAt" timestamptz)
			       WHERE s."accountId" = x."accountId"`,
			values: [JSON.stringify(rows)]
		});
	} catch (error) {
		live.putBackUnsaved(unsaved.keys());
		throw error;
	}
}
