/** How long what happened is kept. What is not named here stays: accounts, commands, deals, and the audit log for ever. */
import type { Database } from './db.ts';

/** PostgreSQL's own words for spans. */
const KEPT: readonly { table: string; at: string; for: string }[] = [
	// Older ones are not replayed to browsers any more.
	{ table: 'LiveEvent', at: 'at', for: '24 hours' },
	{ table: 'SystemLog', at: 'at', for: '365 days' },
	{ table: 'WatchdogIncident', at: 'startedAt', for: '180 days' },
	{ table: 'ConnectionChange', at: 'at', for: '90 days' },
	{ table: 'AlertDelivery', at: 'createdAt', for: '30 days' },
	{ table: 'Alert', at: 'resolvedAt', for: '30 days' },
	{ table: 'ServerNode', at: 'aliveAt', for: '1 hour' },
	{ table: 'Session', at: 'expiresAt', for: '0 hours' },
	{ table: 'PendingSignIn', at: 'expiresAt', for: '0 hours' }
];

/** Removes what is older. */
export async function removeOld(db: Pick<Database, 'pool'>): Promise<void> {
	for (const { table, at, for: span } of KEPT)
		await db.pool.query(`DELETE FROM "${table}" WHERE "${at}" < now() - $1::interval`, [span]);
}
