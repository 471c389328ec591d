/** Brings the terminals of one golden install onto its newer build, one after the other. Called by the agent alone. */
import { type Fences } from '../link/fences.ts';
import { type Logger } from '../logger.ts';
import { type RenewProgress, type RenewRequest } from '../renewFile.ts';
import { instanceDirOf } from '../stateDir.ts';
import { type TerminalKind } from '../terminal/ports.ts';
import { type Renewal } from '../terminal/provision/renewal.ts';
import { failureText } from './failures.ts';
import { failureOf } from './outcomes.ts';
import { type Pool } from './pool.ts';
import { renewTerminal, whyNotNow } from './renewTerminal.ts';

export interface RenewalsDependencies {
	pool: Pool;
	terminal: TerminalKind;
	instancesDir: string;
	fences: Fences;
	logger: Logger;
}

type Line = RenewProgress['accounts'][number];
type Told = Pick<Line, 'outcome' | 'says'>;

const ACCOUNT_ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;
const NOT_HERE: Told = {
	outcome: 'refused',
	says: 'The server has not told this agent of the account, so nothing of it is touched. Is the agent connected?'
};

/** @param tell hears of every step, and at last that it is done. @throws the signal's reason */
export async function renewAll(
	deps: RenewalsDependencies,
	{ requestId, golden, account }: RenewRequest,
	tell: (progress: RenewProgress) => Promise<void>,
	signal: AbortSignal
): Promise<void> {
	const { terminal, pool, logger } = deps;
	const { renewal } = terminal;
	const accounts = renewal ? await copiesOf(deps, renewal, golden, account) : [];
	const show = (isDone: boolean): Promise<void> => tell({ requestId, isDone, accounts });
	await show(false);
	for (const line of accounts) {
		const change = (told: Told): Promise<void> => {
			Object.assign(line, told);
			return show(false);
		};
		if (!renewal || (pool.accountOf(line.accountId)?.isRemembered ?? true)) {
			await change(NOT_HERE);
			continue;
		}
		await change({ outcome: 'working', says: 'looking at it' });
		const told = await renewOne(deps, renewal, line.accountId, change, signal).catch(
			(error: unknown): Told => {
				signal.throwIfAborted();
				logger.warn({ err: error, accountId: line.accountId }, 'a terminal could not be renewed');
				const { code, detail } = failureOf(error);
				return code === 'internal'
					? { outcome: 'failed', says: 'It was cut short, by a command for instance. Renew it once more.' }
					: { outcome: 'failed', says: failureText(code, detail) };
			}
		);
		logger.info({ accountId: line.accountId, ...told }, 'renewal of a terminal');
		await change(told);
	}
	await show(true);
}

async function copiesOf(
	{ terminal, pool, instancesDir }: RenewalsDependencies,
	renewal: Renewal,
	golden: string,
	only: string | null
): Promise<Line[]> {
	const lines: Line[] = [];
	for (const accountId of (await terminal.files.list(instancesDir)).filter((name) => ACCOUNT_ID.test(name))) {
		const accountNumber = pool.accountOf(accountId)?.accountNumber ?? '';
		if (only !== null && only !== accountId && only !== accountNumber) continue;
		if ((await renewal.copyOf(instanceDirOf(instancesDir, accountId))) !== golden) continue;
		lines.push({ accountId, accountNumber, outcome: 'waiting', says: '' });
	}
	return lines;
}

async function renewOne(
	{ pool, instancesDir, fences }: RenewalsDependencies,
	renewal: Renewal,
	accountId: string,
	change: (told: Told) => Promise<void>,
	signal: AbortSignal
): Promise<Told> {
	const dir = instanceDirOf(instancesDir, accountId);
	const need = await renewal.need(dir);
	const [refusal, isSeen] = await pool.aside(accountId, async (steps, limited) => {
		const { fresh } = steps.instance;
		const why = await whyNotNow(steps, { accountId, fences }, limited);
		return [why, fresh !== null && steps.bringUp.isRight(fresh)] as const;
	});
	if (need === null) {
		// One that was cut short, and came up since: what was kept beside it is not needed any more.
		if (isSeen) await renewal.settle(dir);
		return { outcome: 'current', says: 'It is of this build, with this agent’s bridge.' };
	}
	if (refusal !== null) return { outcome: 'refused', says: refusal };
	// Minutes, and the terminal goes on meanwhile: nothing of the account waits for it.
	if (need === 'install')
		await renewal.stage(dir, { signal, onStage: (says) => void change({ outcome: 'working', says }) });
	await change({ outcome: 'working', says: 'closing the terminal, and starting it anew' });
	const { kind, says } = await pool.aside(
		accountId,
		(steps, limited) => renewTerminal(steps, { accountId, fences, renewal, need }, limited),
		'renewing the terminal'
	);
	return { outcome: kind, says };
}
