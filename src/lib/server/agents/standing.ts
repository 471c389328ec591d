/**
 * What an agent may do: wait (pending), work (approved), or nothing (locked, revoked). Only an operator gives
 * a right, and only through here; every change is stamped, so that each web node sees it (standingWatch.ts).
 */
import { fingerprintOf } from '#lib/protocol/fingerprint.ts';
import type { AgentStanding } from '#lib/domain/operatorViews.ts';
import type { RequestOrigin } from '../app.ts';
import { writeAudit } from '../audit/writeAudit.ts';
import type { Database, Tx } from '../db.ts';
import { AppError, notFound } from '../errors.ts';

/** The operator who decides. */
export interface Operator {
	userId: string;
	origin: RequestOrigin;
}

export function standingOf(agent: {
	revokedAt: Date | null;
	lockedAt: Date | null;
	approvedAt: Date | null;
}): AgentStanding {
	if (agent.revokedAt) return 'revoked';
	if (agent.lockedAt) return 'locked';
	return agent.approvedAt ? 'approved' : 'pending';
}

/** What the operator compares. Empty for an agent from before there were sealing keys: it must enrol anew. */
export const fingerprintOfAgent = (agent: { publicKey: string; sealKey: string | null }): string =>
	agent.sealKey === null ? '' : fingerprintOf({ publicKey: agent.publicKey, sealKey: agent.sealKey });

async function lockAgent(tx: Tx, agentId: string) {
	await tx.$executeRaw`SELECT 1 FROM "Agent" WHERE id = ${agentId}::uuid FOR UPDATE`;
	const agent = await tx.agent.findFirst({ where: { id: agentId } });
	if (!agent) throw notFound('The agent');
	return agent;
}

/**
 * Lets a waiting agent work. Also how a locked one is let back in, once its keys are new.
 * @param fingerprint the one the operator compared; keys that changed meanwhile are not approved by it
 * @throws AppError NOT_FOUND, AGENT_STANDING
 */
export async function approveAgent(
	db: Database,
	operator: Operator,
	agentId: string,
	fingerprint: string
): Promise<void> {
	await db.prisma.$transaction(async (tx) => {
		const agent = await lockAgent(tx, agentId);
		if (standingOf(agent) !== 'pending')
			throw new AppError('AGENT_STANDING', `This agent is ${standingOf(agent)}, not waiting for approval.`);
		if (fingerprintOfAgent(agent) !== fingerprint)
			throw new AppError(
				'AGENT_STANDING',
				'The agent’s keys are not the ones you looked at. Compare the fingerprint again.'
			);
		const now = new Date();
		await tx.agent.update({
			where: { id: agentId },
			data: { approvedAt: now, approvedById: operator.userId, standingAt: now }
		});
		await writeAudit(tx, {
			userId: operator.userId,
			action: 'agent.approve',
			target: { type: 'agent', id: agentId },
			origin: operator.origin,
			detail: { name: agent.name, fingerprint }
		});
	});
}

/**
 * Takes an agent's rights away for good. The epochs of its accounts move on, so that nothing it says of them
 * is believed any more; the accounts stay where they are until a person moves them.
 * @throws AppError NOT_FOUND
 */
export async function revokeAgent(db: Database, operator: Operator, agentId: string): Promise<void> {
	await db.prisma.$transaction(async (tx) => {
		const agent = await lockAgent(tx, agentId);
		if (agent.revokedAt) return;
		const now = new Date();
		await tx.agent.update({ where: { id: agentId }, data: { revokedAt: now, standingAt: now } });
		await tx.mt5AccountAssignment.updateMany({ where: { agentId }, data: { epoch: { increment: 1 } } });
		await writeAudit(tx, {
			userId: operator.userId,
			action: 'agent.revoke',
			target: { type: 'agent', id: agentId },
			origin: operator.origin,
			detail: { name: agent.name }
		});
	});
}

/** @throws AppError NOT_FOUND */
export async function renameAgent(
	db: Database,
	operator: Operator,
	agentId: string,
	name: string
): Promise<void> {
	await db.prisma.$transaction(async (tx) => {
		const agent = await lockAgent(tx, agentId);
		await tx.agent.update({ where: { id: agentId }, data: { name } });
		await writeAudit(tx, {
			userId: operator.userId,
			action: 'agent.rename',
			target: { type: 'agent', id: agentId },
			origin: operator.origin,
			detail: { from: agent.name, to: name }
		});
	});
}

/** Whether the agent is given new accounts; those it has stay. @throws AppError NOT_FOUND */
export async function setTakesAccounts(
	db: Database,
	operator: Operator,
	agentId: string,
	takesAccounts: boolean
): Promise<void> {
	await db.prisma.$transaction(async (tx) => {
		const agent = await lockAgent(tx, agentId);
		if (agent.takesAccounts === takesAccounts) return;
		await tx.agent.update({ where: { id: agentId }, data: { takesAccounts } });
		await writeAudit(tx, {
			userId: operator.userId,
			action: takesAccounts ? 'agent.takes_accounts' : 'agent.takes_no_accounts',
			target: { type: 'agent', id: agentId },
			origin: operator.origin,
			detail: { name: agent.name }
		});
	});
}
