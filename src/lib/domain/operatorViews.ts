/** The shapes of what operators get: machines, moves, whose account runs where. Nothing of an account's money. */
import type { TerminalResources } from './terminalResources.ts';
import type { AlgoState } from './ladder.ts';
import type { AccountKindName, WantedName } from './views.ts';

/** What an agent may do: see src/lib/server/agents/standing.ts. */
export type AgentStanding = 'pending' | 'approved' | 'locked' | 'revoked';

/** How busy a machine is. */
export interface MachineLoadView {
	at: string;
	cpuPercent: number | null;
	memoryUsedMb: number;
	memoryTotalMb: number;
	agentMemoryMb: number;
	terminalsUp: number;
	/** Those whose bridge answers. */
	terminalsAnswering: number;
	/** Of MetaTrader. */
	builds: number[];
	bridgeVersions: string[];
}

/** An account on a machine, for operators: what runs it, and nothing of its money. */
export interface HostedAccountView {
	id: string;
	accountNumber: string;
	broker: string;
	kind: AccountKindName;
	trader: string;
	wanted: WantedName;
	state: AlgoState;
	seenAt: string | null;
	fault: string | null;
	/** What its terminal takes of the machine; null: not known just now. */
	resources: TerminalResources | null;
}

/** GET /api/agents/[agentId]/log. */
export interface AgentLogView {
	lines: string[];
	/** There were more than fit into one answer. */
	isCut: boolean;
}

/** A pool agent, for operators. */
export interface AgentView {
	id: string;
	standing: AgentStanding;
	/** What `agent status` shows on its machine; the operator compares the two before approving. */
	fingerprint: string;
	/** Why it is locked. */
	lockReason: string | null;
	/** It has a line, even if it may not use it yet. */
	isPresent: boolean;
	name: string;
	version: string;
	hostname: string;
	platform: string;
	capacity: number;
	slotsUsed: number;
	/** Null: another web server holds it, which this one cannot reach just now. */
	isConnected: boolean | null;
	lastSeenAt: string | null;
	enrolledAt: string;
	/** Since when its present keys count. */
	keysSince: string;
	/** Off: it keeps its accounts and is given no new ones. */
	takesAccounts: boolean;
	/** How busy its machine is, as last told. */
	load: MachineLoadView | null;
	/** An operator wants new keys, and the agent has not changed them yet. */
	areNewKeysOrdered: boolean;
	revokedAt: string | null;
}

/** A move of an account between machines that is under way, for operators. */
export interface MoveView {
	accountId: string;
	accountNumber: string;
	name: string;
	broker: string;
	/** Whose account it is. */
	trader: string;
	fromAgentId: string;
	from: string;
	toAgentId: string;
	to: string;
	requestedAt: string;
	requestedBy: string;
	/** What it waits for, in words. */
	waitsFor: string;
}

/** An agent that has not proven yet that it let go of what is not its own any more. */
export interface LeftoverView {
	agentId: string;
	agent: string;
	/** Null when the account was deleted. */
	accountNumber: string | null;
	reason: 'machine_gone' | 'deleted';
	since: string;
}

/** An account on a machine, for operators. */
export interface MachineAccountView {
	id: string;
	accountNumber: string;
	name: string;
	broker: string;
	kind: AccountKindName;
	trader: string;
	wanted: WantedName;
	/** To which machine it is being moved. */
	movesTo: string | null;
}

/** POST /api/operator/agents/[agentId]/drain */
export interface DrainView {
	/** Moves that began, or were done at once. */
	moved: number;
	failures: { accountNumber: string; message: string }[];
}

/** POST /api/operator/agents/[agentId]/stop: what was sent; each trader sees the results as usual. */
export interface MachineStopView {
	traders: number;
	accounts: number;
	/** Sent to the agent; the others wait until it is back. */
	sentAccounts: number;
	/** Traders whose accounts could not be stopped, with why; try again. */
	failures: { traderId: string; message: string }[];
}
