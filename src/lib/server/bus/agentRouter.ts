/**
 * The agents of all web nodes as one: whoever wants to speak to an agent does it here, and the frame goes over
 * the line of this node, or to the node that has the line.
 */
import type { Gateway } from '../agents/gateway.ts';
import type { SignedCommand } from '../agents/signedCommand.ts';
import type { AgentRoute, OtherNodes } from './otherNodes.ts';

export class AgentRouter {
	readonly #gateway: Gateway;
	readonly #others: OtherNodes;

	constructor(gateway: Gateway, others: OtherNodes) {
		this.#gateway = gateway;
		this.#others = others;
	}

	routeOf(agentId: string): AgentRoute {
		return this.#gateway.isConnected(agentId) ? 'here' : this.#others.routeOf(agentId);
	}

	/** Connected means: proven, told all its accounts, and within reach of this node. */
	isConnected(agentId: string): boolean {
		const route = this.routeOf(agentId);
		return route === 'here' || route === 'elsewhere';
	}

	connectedIds(): string[] {
		return [...this.#gateway.connectedIds(), ...this.#others.connectedIds()];
	}

	/** When a connected agent was heard last; null when that is not known here. */
	heardAtMs(agentId: string): number | null {
		return this.#gateway.heardAtMs(agentId) ?? this.#others.heardAtMs(agentId);
	}

	/** @returns false when there is no way to the agent; a true is no proof that anything arrived */
	send(agentId: string, command: SignedCommand): boolean {
		if (this.#gateway.isConnected(agentId)) return this.#gateway.send(agentId, command);
		return this.#others.send(agentId, command);
	}

	/** Tells the agents of these accounts how they must run now, whichever node they are on. */
	async syncAccounts(accountIds: readonly string[]): Promise<void> {
		if (accountIds.length === 0) return;
		this.#others.syncAccounts(accountIds);
		await this.#gateway.syncAccounts(accountIds);
	}

	removeAccount(agentId: string, accountId: string, epoch: number): void {
		this.#others.removeAccount(agentId, accountId, epoch);
		this.#gateway.removeAccount(agentId, accountId, epoch);
	}
}
