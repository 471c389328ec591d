/**
 * Records what agents say of commands. One loop: whatever came in while a commit was under way goes into the
 * next one, so that five accounts that answer together cost one or two commits, and none is acknowledged or
 * shown before its own is done.
 */
import type { TimerClock } from '#lib/domain/clock.ts';
import { isFinal } from '#lib/domain/commandLifecycle.ts';
import type { CommandView } from '#lib/domain/views.ts';
import type { EventHub, StoredMessage } from '../live/eventHub.ts';
import type { Logger } from '../logger.ts';
import { commandView } from './commandRows.ts';
import type { CommandStore } from './commandStore.ts';
import type { OpenCommands } from './openCommands.ts';
import type { ChangedCommand, ResultChange } from './resultStore.ts';

interface Queued {
	change: ResultChange;
	onCommitted: () => void;
}

/** Progress alone may wait this long for company… */
const PROGRESS_DELAY_MS = 150;
/** …and an outcome this long for those of the same command's other accounts. The last one never waits. */
const SIBLING_DELAY_MS = 10;
const RETRY_MS = 500;
const MAX_BATCH = 500;

export class ResultWriter {
	/** By command, account and agent: a later word replaces an earlier one of its agent that was not written yet. */
	#queue = new Map<string, Queued[]>();
	#isWriting = false;
	/** Takes back the next write; null when none is due. */
	#forgetTimer: (() => void) | null = null;
	#dueAtMs = 0;
	#isClosed = false;
	readonly #store: Pick<CommandStore, 'storeResults'>;
	readonly #recordFirst: () => Promise<void>;
	readonly #hub: EventHub;
	readonly #open: OpenCommands;
	readonly #clock: TimerClock;
	readonly #logger: Logger;

	constructor(deps: {
		store: Pick<CommandStore, 'storeResults'>;
		/** Writes commands down that were sent without the database: a result needs its command. */
		recordFirst: () => Promise<void>;
		hub: EventHub;
		open: OpenCommands;
		clock: TimerClock;
		logger: Logger;
	}) {
		this.#store = deps.store;
		this.#recordFirst = deps.recordFirst;
		this.#hub = deps.hub;
		this.#open = deps.open;
		this.#clock = deps.clock;
		this.#logger = deps.logger;
	}

	/** @param onCommitted called once the change is committed, or was found to be no change any more */
	add(change: ResultChange, onCommitted: () => void = () => undefined): void {
		const key = `${change.commandId}|${change.accountId}|${change.agentId}`;
		const queued = this.#queue.get(key) ?? [];
		queued.push({ change, onCommitted });
		this.#queue.set(key, queued);
		this.#schedule(this.#delayOf(change));
	}

	#delayOf(change: ResultChange): number {
		if (!isFinal(change.status)) return PROGRESS_DELAY_MS;
		return this.#open.answered(change.commandId, change.accountId) ? SIBLING_DELAY_MS : 0;
	}

	close(): void {
		this.#isClosed = true;
		this.#forgetTimer?.();
	}

	/** Sees to it that a write begins within `delayMs`; a write under way looks after what came meanwhile. */
	#schedule(delayMs: number): void {
		if (this.#isClosed || this.#isWriting) return;
		const dueAtMs = this.#clock.monotonicMs() + delayMs;
		if (this.#forgetTimer && this.#dueAtMs <= dueAtMs) return;
		this.#forgetTimer?.();
		this.#dueAtMs = dueAtMs;
		const begin = () => {
			this.#forgetTimer = null;
			this.#isWriting = true;
			// Frames that arrived in the same turn of the event loop share the commit all the same.
			this.#clock.soon(() => void this.#write());
		};
		if (delayMs === 0) begin();
		else this.#forgetTimer = this.#clock.after(delayMs, begin);
	}

	async #write(): Promise<void> {
		const keys = [...this.#queue.keys()].slice(0, MAX_BATCH);
		const batch = keys.map((key) => [key, this.#queue.get(key) ?? []] as const);
		for (const key of keys) this.#queue.delete(key);
		let nextDelayMs = 0;
		try {
			await this.#recordFirst();
			const changed = await this.#store.storeResults(batch.flatMap(([, queued]) => lastWord(queued)));
			this.#publish(changed);
			// Whoever waits for the answer comes before the agents, which only stop repeating themselves.
			this.#clock.soon(() => {
				for (const [, queued] of batch) for (const { onCommitted } of queued) onCommitted();
			});
		} catch (error) {
			this.#logger.error({ err: error, results: batch.length }, 'results could not be stored; trying again');
			// Nothing was acknowledged: what came meanwhile is newer, so ours go in front of it.
			for (const [key, queued] of batch) this.#queue.set(key, [...queued, ...(this.#queue.get(key) ?? [])]);
			nextDelayMs = RETRY_MS;
		}
		this.#isWriting = false;
		if (this.#queue.size === 0) return;
		const hasFinal = [...this.#queue.values()].some((queued) => queued.some((q) => isFinal(q.change.status)));
		this.#schedule(nextDelayMs || (hasFinal ? 0 : PROGRESS_DELAY_MS));
	}

	#publish(changed: ChangedCommand[]): void {
		const byUser = new Map<string, { seq: bigint; messages: StoredMessage[] }>();
		for (const { command, results, changedAccountIds, eventSeq } of changed) {
			const view = commandView(command, results);
			this.#open.changed(view);
			const entry = byUser.get(command.userId) ?? { seq: eventSeq, messages: [] };
			byUser.set(command.userId, entry);
			entry.messages.push({ name: 'results', body: onlyChanged(view, changedAccountIds) });
		}
		for (const [userId, { seq, messages }] of byUser) this.#hub.publish({ userId, seq, messages });
	}
}

/** A final word beats what came after it; else the newest counts. */
function lastWord(queued: readonly Queued[]): ResultChange[] {
	const word = queued.find((q) => isFinal(q.change.status)) ?? queued.at(-1);
	return word ? [word.change] : [];
}

const onlyChanged = (view: CommandView, accountIds: readonly string[]): CommandView => ({
	...view,
	accounts: view.accounts.filter((account) => accountIds.includes(account.accountId))
});
