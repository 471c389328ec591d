/** What an operator orders about where accounts run. */
import type { DrainView } from '#lib/domain/operatorViews.ts';
import type { App, Caller } from '../app.ts';
import { setTakesAccounts } from '../agents/standing.ts';
import { requireStepUp } from '../auth/stepUp.ts';
import { AppError, notFound } from '../errors.ts';
import { toAppError } from '../http/api.ts';
import type { MoveOperator } from './moveStore.ts';
import { notGone } from './refusal.ts';

export interface MoveDeed {
	toAgentId: string;
	/** The operator states that the old machine is off for good. */
	isMachineGone: boolean;
}

const operatorOf = ({ userId, origin }: Caller, name: string): MoveOperator => ({ userId, name, ...origin });

/**
 * Moves an account to another machine: its algo is stopped, its terminal closed, and when that is proven, it goes
 * over. With `isMachineGone` it goes over at once, without proof; whatever still runs there would trade on.
 * @throws AppError NOT_FOUND, MOVE_REFUSED, STEP_UP_REQUIRED
 */
export async function moveAccount(
	app: App,
	operator: Caller,
	operatorName: string,
	accountId: string,
	deed: MoveDeed
): Promise<void> {
	const assignment = await app.db.prisma.mt5AccountAssignment.findFirst({
		where: { accountId },
		select: { agentId: true, agent: { select: { name: true } } }
	});
	if (deed.isMachineGone)
		requireGone(app, operator, assignment?.agentId ?? null, assignment?.agent.name ?? '');
	await app.core.moves.begin({ accountId, ...deed, operator: operatorOf(operator, operatorName) });
}

/** Gives a move up that is under way. @throws AppError NOT_FOUND, MOVE_REFUSED */
export async function cancelMove(
	app: App,
	operator: Caller,
	operatorName: string,
	accountId: string
): Promise<void> {
	await app.core.moves.cancel(accountId, operatorOf(operator, operatorName));
}

/**
 * Moves all accounts of a machine to another one; what does not fit there stays. The machine is given no new ones
 * from then on, until an operator says so.
 * @throws AppError NOT_FOUND, MOVE_REFUSED, STEP_UP_REQUIRED
 */
export async function drainMachine(
	app: App,
	operator: Caller,
	operatorName: string,
	agentId: string,
	deed: MoveDeed
): Promise<DrainView> {
	const { prisma } = app.db;
	const agent = await prisma.agent.findFirst({ where: { id: agentId }, select: { name: true } });
	if (!agent) throw notFound('The agent');
	if (deed.isMachineGone) requireGone(app, operator, agentId, agent.name);
	// First of all: what is assigned to it meanwhile would stay behind.
	await setTakesAccounts(app.db, operator, agentId, false);
	const assignments = await prisma.mt5AccountAssignment.findMany({
		where: { agentId },
		orderBy: { assignedAt: 'asc' },
		select: { accountId: true, moveToAgentId: true, account: { select: { accountNumber: true } } }
	});
	const answer: DrainView = { moved: 0, failures: [] };
	for (const { accountId, moveToAgentId, account } of assignments) {
		if (moveToAgentId === deed.toAgentId && !deed.isMachineGone) continue;
		try {
			await app.core.moves.begin({ accountId, ...deed, operator: operatorOf(operator, operatorName) });
			answer.moved += 1;
		} catch (error) {
			const { message } = toAppError(error);
			answer.failures.push({ accountNumber: account.accountNumber, message });
		}
	}
	return answer;
}

/** Before anything is done; the transaction looks once more, since an agent may come back at any moment. */
function requireGone(app: App, operator: Caller, agentId: string | null, name: string): void {
	requireStepUp(app, operator, 'machine_gone');
	if (agentId !== null && app.agents.routeOf(agentId) !== 'none')
		throw new AppError('MOVE_REFUSED', notGone(name));
}
