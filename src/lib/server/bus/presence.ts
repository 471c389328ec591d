/**
 * Which web node holds which agent's line. The database is the truth: an agent's newest accepted connection
 * names its node, and a node counts while it renews its lease. The bus only tells it sooner.
 *
 * So a node that has lost the bus, and a second process that was started by mistake without one, still know
 * that an agent is connected somewhere else, and do not call it offline.
 */
import type { Clock } from '#lib/domain/clock.ts';
import { NODE_LEASE_MS, NODE_RENEW_MS } from '#lib/domain/limits.ts';
import type { LeasedNode, NodeStore, OwnLine } from './nodeStore.ts';

interface Holder {
	/** Null: that connection has ended. */
	nodeId: string | null;
	connSeq: number;
	/** When the bus said so; 0 for what was read from the database. */
	toldAtMs: number;
}

export interface PresenceDependencies {
	store: Pick<NodeStore, 'renew' | 'agentsOf' | 'keepOwn'>;
	clock: Clock;
	/** The lines of this node, synced or not. */
	ownLines: () => OwnLine[];
	/** The number of this agent's connection to this node; null without one. */
	ownConnSeq: (agentId: string) => number | null;
	/** This agent has a newer connection on another node: a line of it here with a lower number is the past. */
	onNewerElsewhere: (agentId: string, connSeq: number) => void;
}

export class Presence {
	readonly #deps: PresenceDependencies;
	readonly #holders = new Map<string, Holder>();
	#others = new Map<string, LeasedNode>();
	#renewedAtMs: number | null = null;
	/** After an outage of the database nobody is called ended before having had the time to renew. */
	#graceUntilMs = 0;

	constructor(deps: PresenceDependencies) {
		this.#deps = deps;
	}

	/** Other nodes whose lease holds. */
	others(): string[] {
		return [...this.#others.keys()];
	}

	/** Those of them that talk to nobody: started without REDIS_URL. */
	mutes(): string[] {
		return [...this.#others.values()].filter(({ isOnBus }) => !isOnBus).map(({ id }) => id);
	}

	/** The other node that holds this agent's line; null when none does. */
	holderOf(agentId: string): string | null {
		const nodeId = this.#holders.get(agentId)?.nodeId ?? null;
		return nodeId !== null && this.#others.has(nodeId) ? nodeId : null;
	}

	heldBy(isMeant: (nodeId: string) => boolean): string[] {
		return [...this.#holders.keys()].filter((agentId) => {
			const holder = this.holderOf(agentId);
			return holder !== null && isMeant(holder);
		});
	}

	/** Another node says that an agent came to it or left it. */
	told(nodeId: string, agentId: string, connSeq: number, isUp: boolean): void {
		const known = this.#holders.get(agentId);
		if (Math.max(known?.connSeq ?? 0, this.#deps.ownConnSeq(agentId) ?? 0) > connSeq) return;
		if (!isUp && known && known.connSeq === connSeq && known.nodeId !== nodeId && known.nodeId !== null)
			return;
		this.#holders.set(agentId, {
			nodeId: isUp ? nodeId : null,
			connSeq,
			toldAtMs: this.#deps.clock.monotonicMs()
		});
		if (isUp) this.#deps.onNewerElsewhere(agentId, connSeq);
	}

	/** A node that was not in the last look at the database is there after all: it was heard. */
	met(nodeId: string): void {
		if (!this.#others.has(nodeId)) this.#others.set(nodeId, { id: nodeId, isOnBus: true });
	}

	/** A node shut down in order. */
	gone(nodeId: string): void {
		this.#others.delete(nodeId);
	}

	/** An agent is on this node now; what was known of other nodes is the past. */
	arrivedHere(agentId: string): void {
		this.#holders.delete(agentId);
	}

	/**
	 * Renews this node's lease, and reads who else is there and what they hold.
	 * @param isHeard nodes that were heard on the bus just now live, whatever their lease says
	 * @returns whether anything changed about the other nodes
	 */
	async refresh(isHeard: (nodeId: string) => boolean): Promise<boolean> {
		const startedAtMs = this.#deps.clock.monotonicMs();
		const rows = await this.#deps.store.renew();
		const before = [...this.#others.keys()].sort().join();
		if (this.#renewedAtMs !== null && startedAtMs - this.#renewedAtMs > NODE_LEASE_MS - NODE_RENEW_MS)
			this.#graceUntilMs = startedAtMs + NODE_LEASE_MS;
		this.#renewedAtMs = startedAtMs;
		const isGrace = startedAtMs < this.#graceUntilMs;
		const kept = [...this.#others.values()].filter((node) => isGrace || isHeard(node.id));
		this.#others = new Map([...kept, ...rows].map((node) => [node.id, node]));
		if (this.#others.size === 0) this.#holders.clear();
		else {
			// An agent whose connection ended before its line was in use is not on this node, though it was counted.
			// One that comes to use only after it was counted out (this node stood still meanwhile) is counted again.
			await this.#deps.store.keepOwn(this.#deps.ownLines());
			await this.#readHolders(startedAtMs);
		}
		return before !== [...this.#others.keys()].sort().join();
	}

	async #readHolders(startedAtMs: number): Promise<void> {
		const rows = await this.#deps.store.agentsOf(this.others());
		const read = new Set(rows.map(({ agentId }) => agentId));
		for (const [agentId, holder] of this.#holders)
			// What the bus told after the look began may be newer than the look.
			if (!read.has(agentId) && holder.toldAtMs < startedAtMs) this.#holders.delete(agentId);
		for (const { agentId, nodeId, connSeq } of rows) {
			const known = this.#holders.get(agentId);
			// The same connection, told to have ended, is cleared in the database a moment later.
			if (known && known.connSeq >= connSeq) continue;
			this.#holders.set(agentId, { nodeId, connSeq, toldAtMs: 0 });
			this.#deps.onNewerElsewhere(agentId, connSeq);
		}
	}
}
