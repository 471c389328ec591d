import type { AgentView } from '#lib/domain/operatorViews.ts';
import { machineSchema } from '#lib/protocol/frames.ts';
import { agentSeenAt, isConnectedIn } from '../accounts/accountView.ts';
import type { App } from '../app.ts';
import { fingerprintOfAgent, standingOf } from './standing.ts';

/** All agents, or this one, for operators. */
export async function readAgents(app: App, onlyId?: string): Promise<AgentView[]> {
	const agents = await app.db.prisma.agent.findMany({
		...(onlyId === undefined ? {} : { where: { id: onlyId } }),
		orderBy: { enrolledAt: 'asc' },
		include: { _count: { select: { assignments: true } } }
	});
	const present = new Set(app.core.gateway.presentIds());
	return agents.map((agent) => {
		const route = app.agents.routeOf(agent.id);
		const standing = standingOf(agent);
		const machine = machineSchema.safeParse(agent.machine);
		return {
			id: agent.id,
			standing,
			fingerprint: fingerprintOfAgent(agent),
			lockReason: agent.lockReason,
			isPresent: present.has(agent.id) || route === 'elsewhere',
			name: agent.name,
			version: agent.version,
			hostname: machine.success ? machine.data.hostname : 'unknown',
			platform: machine.success ? machine.data.platform : 'unknown',
			capacity: agent.capacity,
			slotsUsed: agent._count.assignments,
			// One that waits for approval is there and may do nothing.
			isConnected: standing === 'approved' ? isConnectedIn(route) : false,
			lastSeenAt: agentSeenAt(agent.id, agent.lastSeenAt, app.reports),
			enrolledAt: agent.enrolledAt.toISOString(),
			keysSince: agent.keysSince.toISOString(),
			takesAccounts: agent.takesAccounts,
			load: app.loads.of(agent),
			areNewKeysOrdered: agent.newKeysOrderedAt !== null,
			revokedAt: agent.revokedAt?.toISOString() ?? null
		};
	});
}
