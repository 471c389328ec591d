/** What the page of the trader's own EAs gets (E7). Times are ISO 8601 UTC. */
import type { AccountKindName } from './views.ts';

/** What lies in a terminal's directory where the account's version belongs, compared by digest. */
export const EXPERT_PLACES = ['same', 'other', 'missing', 'unknown'] as const;
export type ExpertPlace = (typeof EXPERT_PLACES)[number];

export interface ExpertView {
	id: string;
	name: string;
	/** Of the compiled EA, in hex: its version. */
	sha256: string;
	bytes: number;
	/** The file with the inputs, and how many it sets; null without one. */
	set: { name: string; inputs: number } | null;
	createdAt: string;
	/** Accounts that are to run it. */
	accountIds: string[];
}

/** An account, as far as its EA goes. */
export interface ExpertAccountView {
	id: string;
	name: string;
	accountNumber: string;
	broker: string;
	kind: AccountKindName;
	/** Where its EA lies below `MQL5\Experts`. */
	path: string;
	/** The uploaded version that it is to run; null: its EA came onto the machine in another way. */
	expertId: string | null;
	/** Null without an uploaded version. Only what its agent saw just now is more than `unknown`. */
	place: ExpertPlace | null;
	/** The digest that was seen there; null when nothing is there, or nothing is known. */
	seenSha256: string | null;
	/**
	 * The EA on the chart runs with this version and all settings as they are now; false: something of them differs.
	 * Null: no EA is there, or nothing is known.
	 */
	isLoaded: boolean | null;
	/** Why nothing can be known, or done, until somebody acts. */
	obstacle: 'no_agent' | 'agent_away' | 'agent_too_old' | null;
}

export interface ExpertListView {
	experts: ExpertView[];
	accounts: ExpertAccountView[];
	mostExperts: number;
	mostBytes: number;
}
