/** What the command plane needs of other web nodes, as a port. */
import type { SignedCommand } from '../agents/signedCommand.ts';
import type { AskedElsewhere } from './messages.ts';

/** The way to an agent, as far as this node knows. */
export type AgentRoute =
	/** Its line ends here. */
	| 'here'
	/** Another node has its line, and can be told. */
	| 'elsewhere'
	/** Another node had its line when that was heard last, and cannot be told just now. */
	| 'unreachable'
	/** No node has a line to it. */
	| 'none';

/** An agent came to a line of this node, or left it. */
export interface LinePresence {
	agentId: string;
	connSeq: number;
	isUp: boolean;
	accounts: { userId: string; accountId: string }[];
}

export interface OtherNodes {
	/** Of an agent without a line on this node. */
	routeOf(agentId: string): Exclude<AgentRoute, 'here'>;
	/** Agents that other nodes have lines to, and that can be told. */
	connectedIds(): string[];
	/** When such an agent was heard last, as its node says; null when that is not known. */
	heardAtMs(agentId: string): number | null;
	/**
	 * @returns false when there is no way to the agent; a true is no proof that anything arrived. What a node was
	 * told to hand on and did not is found in the database by the one that has the line (settlement.ts).
	 */
	send(agentId: string, command: SignedCommand): boolean;
	/**
	 * Has the node with the agent's line ask it; the answer comes to `AgentRequests.onAnswer`, or not at all.
	 * @returns whether that node can still answer, at any later time; null when there is no way to it
	 */
	ask(question: AskedElsewhere): (() => boolean) | null;
	/** Whoever has the agents of these accounts tells them how they must run now. */
	syncAccounts(accountIds: readonly string[]): void;
	/** Whoever has this agent takes the account away from it. */
	removeAccount(agentId: string, accountId: string, epoch: number): void;
	linePresence(presence: LinePresence): void;
	/** These accounts have news here; nodes with pages of the user get what came over lines of this one. */
	pushReports(userId: string, accountIds: ReadonlySet<string>): void;
	/** Before a trader's accounts are read or commanded: gets what other nodes know of them. Never throws. */
	watch(userId: string): Promise<void>;
}

/** There are none. */
export const NO_OTHER_NODES: OtherNodes = {
	routeOf: () => 'none',
	connectedIds: () => [],
	heardAtMs: () => null,
	send: () => false,
	ask: () => null,
	syncAccounts: () => undefined,
	removeAccount: () => undefined,
	linePresence: () => undefined,
	pushReports: () => undefined,
	watch: () => Promise.resolve()
};
