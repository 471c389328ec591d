/** Where accounts of a machine may go. */
import type { AgentView, MoveView } from '#lib/domain/operatorViews.ts';

type Coming = ReadonlyMap<string, number>;

/** Slots that are promised to accounts on their way, by agent. */
export function comingTo(moves: readonly MoveView[]): Coming {
	const coming = new Map<string, number>();
	for (const { toAgentId } of moves) coming.set(toAgentId, (coming.get(toAgentId) ?? 0) + 1);
	return coming;
}

export const roomOn = ({ id, capacity, slotsUsed }: AgentView, coming: Coming): number =>
	Math.max(0, capacity - slotsUsed - (coming.get(id) ?? 0));

/** Approved machines with room; those that are connected first, then those with the most room. */
export function targetsFor(from: AgentView, agents: readonly AgentView[], coming: Coming): AgentView[] {
	return agents
		.filter((agent) => agent.id !== from.id && agent.standing === 'approved' && roomOn(agent, coming) > 0)
		.sort(
			(a, b) =>
				Number(b.isConnected === true) - Number(a.isConnected === true) ||
				roomOn(b, coming) - roomOn(a, coming)
		);
}
