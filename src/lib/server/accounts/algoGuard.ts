import type { App } from '../app.ts';
import type { Tx } from '../db.ts';
import { AppError, notFound } from '../errors.ts';
import { readAccount, type AccountRow } from './accountRows.ts';
import { newestReport } from './accountView.ts';

const STANDS_STILL = new Set(['stopped', 'down']);
/** Of these nobody knows yet how they end. */
const AT_LARGE = ['dispatched', 'executing', 'waiting', 'timeout'] as const;

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
 * The standstill was looked at before the trader's row was locked; a Start may have come in between. And it proves
 * nothing when it was seen before an older Start went out of which, or of the Stop after it, nobody knows the end.
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
	if (await isStartAtLarge(tx, row.id))
		throw new AppError(
			'ALGO_RUNNING',
			'A command to this account is still open, so nobody knows yet whether its algo runs. Wait until its Stop is done.'
		);
}

/** A Start went out, and of the newest commands nobody knows the end. */
async function isStartAtLarge(tx: Tx, accountId: string): Promise<boolean> {
	const proven = await tx.eaCommandResult.findFirst({
		where: { accountId, status: 'success', command: { kind: 'STOP_EA' } },
		orderBy: { generation: 'desc' },
		select: { generation: true }
	});
	const since = { accountId, generation: { gt: proven?.generation ?? 0n } };
	const open = await tx.eaCommandResult.count({ where: { ...since, status: { in: [...AT_LARGE] } } });
	if (open === 0) return false;
	const started = { ...since, command: { kind: 'START_EA' as const }, dispatchedAt: { not: null } };
	return (await tx.eaCommandResult.count({ where: started })) > 0;
}

/** A terminal that never got a command runs no EA of ours, even while it cannot be seen. */
function isStandstill(algo: string, row: AccountRow): boolean {
	return STANDS_STILL.has(algo) || (algo === 'unknown' && row.wantedGeneration === '0');
}
