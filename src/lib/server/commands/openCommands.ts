/**
 * Follows commands from the press to the answer: who waits for one, and what the page is told when results
 * change. Keeps no state of its own beyond the waiting; the database is the truth.
 */
import type { TimerClock } from '#lib/domain/clock.ts';
import { COMMAND_ANSWER_MS } from '#lib/domain/limits.ts';
import type { CommandView } from '#lib/domain/views.ts';
import { notFound } from '../errors.ts';
import type { EventHub } from '../live/eventHub.ts';
import type { CommandStore } from './commandStore.ts';

/** Over, for one who waits: no account is at work that could still answer in time. */
const isAnswered = (view: CommandView): boolean =>
	view.accounts.every((account) => account.status !== 'pending');

type Waiter = (view: CommandView) => void;

export class OpenCommands {
	readonly #waiters = new Map<string, Set<Waiter>>();
	/** Whose commands are waited for: command → user. */
	readonly #owners = new Map<string, string>();
	/** Accounts that have not answered yet, of commands somebody waits for. */
	readonly #unanswered = new Map<string, Set<string>>();
	/** Of everybody who waits: answers with what is open. */
	readonly #impatient = new Set<() => void>();
	readonly #store: Pick<CommandStore, 'readCommands'>;
	readonly #hub: EventHub;
	readonly #clock: Pick<TimerClock, 'after'>;

	constructor(store: Pick<CommandStore, 'readCommands'>, hub: EventHub, clock: Pick<TimerClock, 'after'>) {
		this.#store = store;
		this.#hub = hub;
		this.#clock = clock;
	}

	/** Waits for the accounts of a command that was committed just now; 30 s at most, then says what is open. */
	begin(view: CommandView, userId: string): Promise<CommandView> {
		if (isAnswered(view)) return Promise.resolve(view);
		const pending = view.accounts.filter((account) => account.status === 'pending');
		this.#unanswered.set(view.commandId, new Set(pending.map((account) => account.accountId)));
		return this.#wait(view.commandId, userId, view);
	}

	/** An account's outcome arrived. @returns whether somebody waits for other accounts of the same command */
	answered(commandId: string, accountId: string): boolean {
		const unanswered = this.#unanswered.get(commandId);
		unanswered?.delete(accountId);
		return unanswered !== undefined && unanswered.size > 0;
	}

	/** As `begin`, for a command that may be older. @throws AppError NOT_FOUND */
	async follow(userId: string, commandId: string): Promise<CommandView> {
		const known = await this.read(userId, commandId);
		if (isAnswered(known)) return known;
		const answer = this.#wait(commandId, userId, known);
		// What was committed between the reading and the waiting woke nobody: look once more.
		this.changed(await this.read(userId, commandId).catch(() => known));
		return answer;
	}

	/** @throws AppError NOT_FOUND, also for another trader's command */
	async read(userId: string, commandId: string): Promise<CommandView> {
		const [view] = await this.#store.readCommands(userId, [commandId]);
		if (!view) throw notFound('The command');
		return view;
	}

	/** Results of this command were committed. */
	changed(view: CommandView): void {
		if (!isAnswered(view)) return;
		for (const waiter of [...(this.#waiters.get(view.commandId) ?? [])]) waiter(view);
	}

	/** Users with a request on this node that waits for a command. */
	waitingUserIds(): Set<string> {
		return new Set(this.#owners.values());
	}

	/** Another node may have committed results of this user's commands: whoever waits for them gets the newest. */
	async lookAgain(userId: string): Promise<void> {
		const mine = [...this.#owners].filter(([, owner]) => owner === userId);
		if (mine.length === 0) return;
		const commandIds = mine.map(([commandId]) => commandId);
		for (const view of await this.#store.readCommands(userId, commandIds)) this.changed(view);
	}

	/** Tells open pages about older commands that a newer one replaced. Their event is stored already. */
	announceSuperseded(userId: string, commandIds: readonly string[]): void {
		if (commandIds.length === 0 || !this.#hub.isHeard(userId)) return;
		void this.#store.readCommands(userId, commandIds).then(
			(views) => {
				for (const view of views) this.#hub.publishUnnumbered(userId, { name: 'results', body: view });
			},
			// The page gets it with its next load; the event is in the database.
			() => undefined
		);
	}

	/** Keeps nobody waiting any longer: the server ends. */
	answerAll(): void {
		for (const giveUp of [...this.#impatient]) giveUp();
	}

	#wait(commandId: string, userId: string, known: CommandView): Promise<CommandView> {
		return new Promise((resolve) => {
			const waiters = this.#waiters.get(commandId) ?? new Set();
			this.#waiters.set(commandId, waiters);
			this.#owners.set(commandId, userId);
			const leave = () => {
				forgetTimer();
				this.#impatient.delete(giveUp);
				waiters.delete(waiter);
				if (waiters.size > 0 || this.#waiters.get(commandId) !== waiters) return;
				this.#waiters.delete(commandId);
				this.#owners.delete(commandId);
				this.#unanswered.delete(commandId);
			};
			const waiter: Waiter = (view) => {
				leave();
				resolve(view);
			};
			const giveUp = () => {
				leave();
				// Ask the database what is open; if it is away, say what was true when we began.
				this.read(userId, commandId).then(resolve, () => resolve(known));
			};
			const forgetTimer = this.#clock.after(COMMAND_ANSWER_MS, giveUp);
			this.#impatient.add(giveUp);
			waiters.add(waiter);
		});
	}
}
