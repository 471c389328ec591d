/**
 * What the journal keeps of every account: how far its commands have come, and what was confirmed. Cached;
 * a change is on the disk before it is in the cache, unless said otherwise.
 */
import { type StatementSync } from 'node:sqlite';
import { z } from 'zod';
import { eaSettingsSchema } from '#lib/domain/eaSettings.ts';
import { accountPolicySchema, DEFAULT_POLICY } from '#lib/domain/accountPolicy.ts';
import { assignedAccountSchema, WANTED_STATES, type WantedState } from '#lib/protocol/frames.ts';
import { checkedText, withChecksum } from './checkedText.ts';
import { JournalFailure, type JournalDatabase } from './journalSchema.ts';

const fenceSchema = z.object({
	epoch: z.int(),
	/** Up to this epoch the account was released: under it, nothing of it runs here any more. 0: never. */
	releasedEpoch: z.int().default(0),
	/** Highest generation heard of, in a command or a sync: a lower command is superseded. */
	maxGeneration: z.int(),
	/** What `maxGeneration` wants. */
	wanted: z.enum(WANTED_STATES),
	/** Generation whose Start succeeded and was not taken back: the one that may come back by itself. 0: none. */
	confirmedGeneration: z.int(),
	/** Generation whose Start failed or was interrupted: an EA of it must not run. 0: none. */
	failedGeneration: z.int(),
	/** Settings of the confirmed Start. */
	settings: eaSettingsSchema.nullable(),
	/** Mark of the credentials that the terminal has saved; null before the first login. */
	loginMark: z.string().nullable(),
	/** Mark of credentials that must not be tried again, and why. */
	refused: z.object({ mark: z.string(), code: z.string() }).nullable(),
	/** What to do without being told, as the newest sync had it. */
	policy: accountPolicySchema.default(DEFAULT_POLICY),
	/** The dead-man policy switched Algo Trading off; a new command takes it back. */
	isPausedWithoutServer: z.boolean().default(false),
	/**
	 * A sync told of generations that never came here, or that a full disk kept out of this journal: one of them may
	 * have been a Pause, so nothing older is brought back. A new command takes it back.
	 */
	hasGap: z.boolean().default(false),
	/** Up to this generation it is not known what was done: the journal of that time was damaged. 0: all is known. */
	forgottenGeneration: z.int().default(0),
	/** As the newest sync named it, without its password; null before the first, and after it left. */
	account: assignedAccountSchema.nullable().default(null),
	/** The terminal process launched last; null before the first one, and after its account was released. */
	process: z.object({ pid: z.int(), createdAt: z.string() }).nullable()
});
export type Fence = z.infer<typeof fenceSchema>;

const NEW_FENCE: Fence = {
	epoch: 0,
	releasedEpoch: 0,
	maxGeneration: 0,
	wanted: 'STOPPED',
	confirmedGeneration: 0,
	failedGeneration: 0,
	settings: null,
	loginMark: null,
	refused: null,
	policy: DEFAULT_POLICY,
	isPausedWithoutServer: false,
	hasGap: false,
	forgottenGeneration: 0,
	account: null,
	process: null
};

/**
 * What an account is to be now. A Start that failed is not wanted any more, whoever may still say so; one that
 * the dead-man policy paused stays so until the next command.
 */
export function effectiveWanted(fence: Fence): WantedState {
	if (fence.wanted !== 'RUNNING') return fence.wanted;
	if (fence.failedGeneration === fence.maxGeneration) return 'STOPPED';
	return fence.isPausedWithoutServer ? 'PAUSED' : 'RUNNING';
}

/** What a transaction may have to go back to. */
export interface FenceSnapshot {
	cache: ReadonlyMap<string, Fence>;
	unsaved: ReadonlySet<string>;
}

export class Fences {
	readonly #cache = new Map<string, Fence>();
	/** Accounts of which the journal has an older fence. */
	readonly #unsaved = new Set<string>();
	readonly #write: StatementSync;

	constructor(db: JournalDatabase) {
		this.#write = db.prepare(
			`INSERT INTO fence (accountId, fence) VALUES (?, ?) ON CONFLICT (accountId) DO UPDATE SET fence = excluded.fence`
		);
		for (const row of db.prepare('SELECT accountId, fence FROM fence').all())
			this.#cache.set(String(row.accountId), readFence(String(row.accountId), String(row.fence)));
	}

	of(accountId: string): Fence {
		return this.#cache.get(accountId) ?? NEW_FENCE;
	}

	/** All accounts that were ever heard of. */
	accountIds(): string[] {
		return [...this.#cache.keys()];
	}

	/** @throws JournalFailure; then nothing has changed */
	change(accountId: string, change: Partial<Fence>): void {
		const before = this.of(accountId);
		const after = { ...before, ...change };
		const isSame = (Object.keys(change) as (keyof Fence)[]).every(
			(name) => JSON.stringify(before[name]) === JSON.stringify(after[name])
		);
		if (isSame && !this.#unsaved.has(accountId)) return;
		try {
			this.#write.run(accountId, withChecksum(accountId, JSON.stringify(after)));
		} catch (error) {
			throw new JournalFailure(error);
		}
		this.#cache.set(accountId, after);
		this.#unsaved.delete(accountId);
	}

	/** For a Stop that cannot be journalled but must hold all the same, as long as this agent lives. */
	changeInMemory(accountId: string, change: Partial<Fence>): void {
		this.#cache.set(accountId, { ...this.of(accountId), ...change });
		this.#unsaved.add(accountId);
	}

	/** Whether the next agent will know of it, too. */
	isSaved(accountId: string): boolean {
		return !this.#unsaved.has(accountId);
	}

	/** Writes down what could only be remembered. @throws JournalFailure when there is still no room */
	saveRemembered(): void {
		for (const accountId of [...this.#unsaved]) this.change(accountId, {});
	}

	/** Of the cache, for a transaction that may be rolled back. */
	snapshot(): FenceSnapshot {
		return { cache: new Map(this.#cache), unsaved: new Set(this.#unsaved) };
	}

	restore({ cache, unsaved }: FenceSnapshot): void {
		this.#cache.clear();
		this.#unsaved.clear();
		for (const [accountId, fence] of cache) this.#cache.set(accountId, fence);
		for (const accountId of unsaved) this.#unsaved.add(accountId);
	}
}

/** @throws when it is damaged */
const readFence = (accountId: string, stored: string): Fence =>
	fenceSchema.parse(JSON.parse(checkedText(accountId, stored)));
