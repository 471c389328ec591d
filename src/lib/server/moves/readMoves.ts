/** Moves and what is left of them, for operators. */
import { moveWaitsFor, nextMoveStep } from '#lib/domain/accountMove.ts';
import type { LeftoverView, MachineAccountView, MoveView } from '#lib/domain/operatorViews.ts';
import { isConnectedIn } from '../accounts/accountView.ts';
import type { App } from '../app.ts';

/** All moves that are under way, oldest first. */
export async function readMoves(app: App): Promise<MoveView[]> {
	const moves = await app.core.moves.open();
	if (moves.length === 0) return [];
	const accounts = await app.db.prisma.mt5Account.findMany({
		where: { id: { in: moves.map(({ accountId }) => accountId) } },
		select: { id: true, accountNumber: true, name: true, broker: true, user: { select: { name: true } } }
	});
	const agents = await app.db.prisma.agent.findMany({ select: { id: true, name: true } });
	const nameOf = (agentId: string) => agents.find(({ id }) => id === agentId)?.name ?? '';
	return moves
		.flatMap((move) => {
			const account = accounts.find(({ id }) => id === move.accountId);
			if (!account) return [];
			const { accountNumber, name, broker, user } = account;
			const from = {
				name: nameOf(move.agentId),
				isConnected: isConnectedIn(app.agents.routeOf(move.agentId))
			};
			const to = nameOf(move.toAgentId);
			return {
				accountId: move.accountId,
				accountNumber,
				name,
				broker,
				trader: user.name,
				fromAgentId: move.agentId,
				from: from.name,
				toAgentId: move.toAgentId,
				to,
				requestedAt: move.requestedAt.toISOString(),
				requestedBy: move.requestedBy.name,
				waitsFor: moveWaitsFor(nextMoveStep(move), from, to)
			};
		})
		.sort((a, b) => a.requestedAt.localeCompare(b.requestedAt));
}

/** Agents that have not proven yet that they let go of what is not theirs any more. */
export async function readLeftovers(app: App): Promise<LeftoverView[]> {
	const releases = await app.db.prisma.accountRelease.findMany({
		where: { reason: { in: ['machine_gone', 'deleted'] }, agent: { revokedAt: null } },
		orderBy: { askedAt: 'asc' },
		include: { agent: { select: { name: true } } }
	});
	const accounts = await app.db.prisma.mt5Account.findMany({
		where: { id: { in: releases.map(({ accountId }) => accountId) } },
		select: { id: true, accountNumber: true }
	});
	return releases.map(({ accountId, agentId, agent, reason, askedAt }) => ({
		agentId,
		agent: agent.name,
		accountNumber: accounts.find(({ id }) => id === accountId)?.accountNumber ?? null,
		reason: reason === 'deleted' ? 'deleted' : 'machine_gone',
		since: askedAt.toISOString()
	}));
}

/** The accounts on a machine, whoever owns them. */
export async function readMachineAccounts(app: App, agentId: string): Promise<MachineAccountView[]> {
	const assignments = await app.db.prisma.mt5AccountAssignment.findMany({
		where: { agentId },
		orderBy: { account: { createdAt: 'asc' } },
		select: {
			moveToAgentId: true,
			account: { include: { user: { select: { name: true } }, state: { select: { wanted: true } } } }
		}
	});
	const agents = await app.db.prisma.agent.findMany({ select: { id: true, name: true } });
	return assignments.map(({ account, moveToAgentId }) => ({
		id: account.id,
		accountNumber: account.accountNumber,
		name: account.name,
		broker: account.broker,
		kind: account.kind,
		trader: account.user.name,
		wanted: account.state?.wanted ?? 'STOPPED',
		movesTo: agents.find(({ id }) => id === moveToAgentId)?.name ?? null
	}));
}
