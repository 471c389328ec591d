/** What the web nodes keep of each other in the database, as a port: PostgreSQL behind it, memory in the simulation. */

/** Another node whose lease holds. */
export interface LeasedNode {
	id: string;
	/** False: it talks to nobody, since it was started without a bus. */
	isOnBus: boolean;
}

/** The newest accepted connection of an agent. */
export interface HeldAgent {
	agentId: string;
	nodeId: string;
	connSeq: number;
}

/** An agent's line on this node. */
export type OwnLine = Omit<HeldAgent, 'nodeId'>;

export interface NodeStore {
	/** Renews the lease of this node. @returns the other nodes whose lease holds */
	renew(): Promise<LeasedNode[]>;
	/** The agents that these nodes took in last. */
	agentsOf(nodeIds: readonly string[]): Promise<HeldAgent[]>;
	/**
	 * Agents that were counted as being here and have no line here any more are counted out. Those of these lines
	 * that were counted out while they came are counted in again, unless a newer connection was accepted.
	 */
	keepOwn(lines: readonly OwnLine[]): Promise<void>;
	/** This node ends: its lease and its lines are nobody's any more. */
	end(): Promise<void>;
	/** Accounts of these agents that changed within so long, and those of `heldIds` that are theirs no more. */
	changedAccounts(
		agentIds: readonly string[],
		heldIds: readonly string[],
		withinMs: number
	): Promise<string[]>;
	/** Number of the newest live event of each of these users. */
	eventNumbers(userIds: readonly string[]): Promise<Array<{ userId: string; seq: bigint }>>;
}
