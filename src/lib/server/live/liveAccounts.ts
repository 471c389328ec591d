/**
 * The newest report of every account whose agent is connected to this node, in memory, and who must be told;
 * also those that other nodes sent for users with pages here.
 * Owns no I/O: the gateway writes, the views read, the stream pushes what is dirty, the store saves it.
 */
import type { OpenItems, Vitals } from '#lib/protocol/openItems.ts';
import type { EaSigns, Figures, SeenState } from '#lib/protocol/seen.ts';
import type { Report } from '../accounts/accountView.ts';
import { liveVitals } from './vitals.ts';

/** The EA's signs of life, with the server's time of its last heartbeat. */
export interface LiveEa {
	heartbeatAtMs: number | null;
	errors: string[];
}

interface LiveAccount extends Report {
	userId: string;
	agentId: string;
	/** It came over a line of this node; this node saves it and sends it on. */
	isOwn: boolean;
}

/** A report as another node sent it. */
export interface SentReport extends Report {
	userId: string;
	accountId: string;
	agentId: string;
}

export interface TelemetryEntry {
	accountId: string;
	ageMs: number;
	state?: SeenState | undefined;
	figures?: Figures | null | undefined;
	ea?: EaSigns | null | undefined;
	open?: OpenItems | null | undefined;
	vitals?: Vitals | null | undefined;
}

export class LiveAccounts {
	readonly #accounts = new Map<string, LiveAccount>();
	readonly #idsByUser = new Map<string, Set<string>>();
	/** Accounts with news since the last push to browsers, by user. */
	readonly #dirtyByUser = new Map<string, Set<string>>();
	/** Accounts with news since they were last saved; true when the state changed, not figures alone. */
	readonly #unsaved = new Map<string, boolean>();
	readonly #nowMs: () => number;

	constructor(nowMs: () => number) {
		this.#nowMs = nowMs;
	}

	reportOf(accountId: string): Report | null {
		return this.#accounts.get(accountId) ?? null;
	}

	/**
	 * Takes in one account's telemetry. A first report must carry the state; figures alone are no report.
	 * @returns the report before this one, when the state is another now
	 */
	receive(
		owner: { userId: string; agentId: string },
		entry: TelemetryEntry
	): { before: SeenState | null } | null {
		const known = this.#accounts.get(entry.accountId);
		const before = known?.agentId === owner.agentId ? known : undefined;
		const state = entry.state ?? before?.state;
		if (!state) return null;
		const seenAtMs = this.#nowMs() - entry.ageMs;
		this.#put(entry.accountId, {
			...owner,
			isOwn: true,
			state,
			figures: entry.figures === undefined ? (before?.figures ?? null) : entry.figures,
			ea: entry.ea === undefined ? (before?.ea ?? null) : this.#liveEa(entry.ea),
			open: entry.open === undefined ? (before?.open ?? null) : entry.open,
			vitals:
				entry.vitals === undefined
					? (before?.vitals ?? null)
					: entry.vitals && liveVitals(entry.vitals, this.#nowMs()),
			seenAtMs
		});
		const isStateNew =
			entry.state !== undefined && JSON.stringify(entry.state) !== JSON.stringify(before?.state);
		this.markDirty(owner.userId, entry.accountId);
		this.#unsaved.set(entry.accountId, isStateNew || (this.#unsaved.get(entry.accountId) ?? false));
		return isStateNew ? { before: before?.state ?? null } : null;
	}

	/** Takes in what another node saw; what is newer here stays. */
	receiveSent({ accountId, ...report }: SentReport): void {
		const known = this.#accounts.get(accountId);
		// Also when another agent had it: a node that stood still tells late what it saw before.
		if (known && known.seenAtMs > report.seenAtMs) return;
		this.#put(accountId, { ...report, isOwn: false });
		this.markDirty(report.userId, accountId);
	}

	/** Reports of this user's accounts that came over lines of this node; all of them, or these. */
	ownReportsOf(
		userId: string,
		accountIds: Iterable<string> = this.#idsByUser.get(userId) ?? []
	): SentReport[] {
		const reports: SentReport[] = [];
		for (const accountId of accountIds) {
			const account = this.#accounts.get(accountId);
			if (account?.isOwn && account.userId === userId) reports.push({ accountId, ...account });
		}
		return reports;
	}

	/** Those of all users that came over lines of this node. */
	*ownReports(): Generator<[accountId: string, report: Report]> {
		for (const [accountId, account] of this.#accounts) if (account.isOwn) yield [accountId, account];
	}

	#put(accountId: string, account: LiveAccount): void {
		this.#accounts.set(accountId, account);
		const ids = this.#idsByUser.get(account.userId);
		if (ids) ids.add(accountId);
		else this.#idsByUser.set(account.userId, new Set([accountId]));
	}

	/** The EA of an account as last reported; null without one, or without a report. */
	eaOf(accountId: string): LiveEa | null {
		return this.#accounts.get(accountId)?.ea ?? null;
	}

	#liveEa(signs: EaSigns | null): LiveEa | null {
		if (!signs) return null;
		const { heartbeatAgeMs, errors } = signs;
		return { heartbeatAtMs: heartbeatAgeMs === null ? null : this.#nowMs() - heartbeatAgeMs, errors };
	}

	/** The browsers of this user must hear of the account at the next push. */
	markDirty(userId: string, accountId: string): void {
		const dirty = this.#dirtyByUser.get(userId);
		if (dirty) dirty.add(accountId);
		else this.#dirtyByUser.set(userId, new Set([accountId]));
	}

	dirtyUserIds(): string[] {
		return [...this.#dirtyByUser.keys()];
	}

	/** Hands over, and forgets, which accounts of this user have news; null when none has. */
	takeDirtyOf(userId: string): Set<string> | null {
		const dirty = this.#dirtyByUser.get(userId) ?? null;
		this.#dirtyByUser.delete(userId);
		return dirty;
	}

	/** Hands over what is to be saved: accounts with a new state, or all with news when `withFigures`. */
	takeUnsaved(withFigures: boolean): Map<string, Report> {
		const unsaved = new Map<string, Report>();
		for (const [accountId, isStateNew] of this.#unsaved) {
			if (!isStateNew && !withFigures) continue;
			this.#unsaved.delete(accountId);
			const report = this.#accounts.get(accountId);
			if (report) unsaved.set(accountId, report);
		}
		return unsaved;
	}

	/** A save failed: these are to be saved again. */
	putBackUnsaved(accountIds: Iterable<string>): void {
		for (const accountId of accountIds) this.#unsaved.set(accountId, true);
	}

	/** @param agentId only what this agent saw of it: what another one saw since then stays */
	forget(accountId: string, agentId?: string): void {
		const known = this.#accounts.get(accountId);
		if (!known || (agentId !== undefined && known.agentId !== agentId)) return;
		this.#idsByUser.get(known.userId)?.delete(accountId);
		this.#accounts.delete(accountId);
		this.#unsaved.delete(accountId);
	}
}
