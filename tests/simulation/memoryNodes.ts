/** The web nodes' leases in memory, as sqlNodeStore.ts has them in PostgreSQL. */
import { NODE_LEASE_MS } from '#lib/domain/limits.ts';
import { type LinePresence } from '#lib/server/bus/otherNodes.ts';
import { type NodeStore } from '#lib/server/bus/nodeStore.ts';
import { type MemoryDatabase } from './memoryDatabase.ts';
import { type SimProcess } from './timeline.ts';

const UNSEEN_MS = 5_000;

export interface OwnLease {
	nodeId: string;
	isOnBus: boolean;
	process: SimProcess;
	/** All servers are on one machine, where a process that is gone is known to be gone. */
	areNeighbours: boolean;
}

export function memoryNodeStore(db: MemoryDatabase, own: OwnLease): NodeStore {
	const { nodeId, isOnBus, process, areNeighbours } = own;
	return {
		async renew() {
			db.nodes.set(nodeId, { isOnBus, process, aliveAtMs: db.nowMs() });
			return [...db.nodes]
				.filter(([id, { aliveAtMs, process: other }]) => {
					const isProvenDead = areNeighbours && other.isDead;
					return id !== nodeId && !isProvenDead && aliveAtMs > db.nowMs() - NODE_LEASE_MS;
				})
				.map(([id, node]) => ({ id, isOnBus: node.isOnBus }));
		},
		async agentsOf(nodeIds) {
			return [...db.agents.values()].flatMap(({ id, nodeId: holder, counter }) =>
				holder !== null && nodeIds.includes(holder)
					? [{ agentId: id, nodeId: holder, connSeq: counter.accepted }]
					: []
			);
		},
		async keepOwn(lines) {
			for (const agent of db.agents.values()) {
				const line = lines.find(({ agentId }) => agentId === agent.id);
				if (line?.connSeq === agent.counter.accepted) agent.nodeId = nodeId;
				if (!line && agent.nodeId === nodeId && agent.lastSeenAtMs < db.nowMs() - UNSEEN_MS)
					agent.nodeId = null;
			}
		},
		async end() {
			for (const agent of db.agents.values()) if (agent.nodeId === nodeId) agent.nodeId = null;
			db.nodes.delete(nodeId);
		},
		async changedAccounts(agentIds, heldIds) {
			const isTheirs = (accountId: string): boolean =>
				agentIds.includes(db.accounts.get(accountId)?.agentId ?? '');
			return heldIds.filter((accountId) => !isTheirs(accountId));
		},
		async eventNumbers(userIds) {
			return userIds.flatMap((userId) => {
				const user = db.users.get(userId);
				return user ? [{ userId, seq: user.eventSeq }] : [];
			});
		}
	};
}

/** As app.ts does it a moment after an agent came to a node or left it. */
export function saveMove(db: MemoryDatabase, nodeId: string, { agentId, isUp, connSeq }: LinePresence): void {
	const agent = db.agents.get(agentId);
	if (!agent) return;
	agent.lastSeenAtMs = db.nowMs();
	if (!isUp && agent.nodeId === nodeId && agent.counter.accepted === connSeq) agent.nodeId = null;
}
