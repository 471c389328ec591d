import type { App } from '../app.ts';
import type { Tx } from '../db.ts';
import { AppError, notFound } from '../errors.ts';
import { readAccount, type AccountRow } from './accountRows.ts';
import { newestReport } from './accountView.ts';

const STANDS_STILL = new Set(['stopped', 'down']);

/**
 * Refuses what would lose sight of a running algo: the account must be wanted stopped, and the last thing
 * seen of it must be a standstill.
 * @throws AppError NOT_FOUND, ALGO_RUNNING
 */
export async function requireStandstill(
	app: App,
	userId: string,
	accountId: string,
	deed: string
): Promise<AccountRow> {
	await app.core.others.watch(userId);
	const row = await readAccount(app.db.pool, userId, accountId);
	if (!row) throw notFound('The account');
	const report = newestReport(row, app.reports);
	const isStill = row.wanted === 'STOPPED' && (report === null || isStandstill(report.state.algo, row));
	if (!isStill)
		throw new AppError(
			'ALGO_RUNNING',
			`The algo on this account is not proven to be stopped. Press Stop Algo, wait until it is done, then ${deed}.`
		);
	return row;
}

/**
 * The standstill was looked at before the trader's row was locked; a Start may have come in between.
 * @param row as `requireStandstill` gave it
 * @throws AppError ALGO_RUNNING
 */
export async function requireNoCommandSince(tx: Tx, row: AccountRow): Promise<void> {
	const state = await tx.accountState.findFirst({
		where: { accountId: row.id },
		select: { wantedGeneration: true }
	});
	if (state?.wantedGeneration.toString() !== row.wantedGeneration)
		throw new AppError('ALGO_RUNNING', 'A command was sent to this account just now. Look at it first.');
}

/** A terminal that never got a command runs no EA of ours, even while it cannot be seen. */
function isStandstill(algo: string, row: AccountRow): boolean {
	return STANDS_STILL.has(algo) || (algo === 'unknown' && row.wantedGeneration === '0');
}
