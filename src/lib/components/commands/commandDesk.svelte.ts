/**
 * Presses of the header's buttons and what came of them. Owns the commands that are newer than the page, the
 * request under way, and the refusal of the last press. Built by the layout, read through Live.
 *
 * One press is one Idempotency-Key: sending again after silence repeats the same command, never a second one.
 */
import { SvelteMap } from 'svelte/reactivity';
import type { CommandKind } from '#lib/domain/commandLifecycle.ts';
import type { CommandView } from '#lib/domain/views.ts';
import { callApi, newIdempotencyKey, type Answer, type ApiRequest, type Refusal } from '../live/api.ts';
import { byNewest, mergeCommand } from './mergeCommand.ts';

export interface Press {
	command: CommandKind;
	/** Without it, every enabled account. */
	accountIds?: string[];
	/** Of the enabled accounts, those with this tag. */
	tag?: string;
	/** Stop only; without it, as each account is set. */
	closePositions?: boolean;
	/** The kill switch: also accounts that are not enabled. */
	everyAccount?: true;
}

type Call = <Body>(path: string, request: ApiRequest) => Promise<Answer<Body>>;

interface Sending {
	press: Press;
	key: string;
}

export class CommandDesk {
	readonly #loaded: () => CommandView | null;
	readonly #call: Call;
	readonly #live = new SvelteMap<string, CommandView>();
	/** How a Stop of this page was asked for, so that a retry asks for the same. */
	#presses: Record<string, Press> = {};
	#sending = $state<Sending[]>([]);
	#refused = $state<(Sending & { refusal: Refusal }) | null>(null);

	/**
	 * @param loaded the newest command that was not put away when the page was loaded
	 * @param call sends a press; where the server wants a confirmation, it asks for it first
	 */
	constructor(loaded: () => CommandView | null, call: Call = callApi) {
		this.#loaded = loaded;
		this.#call = call;
	}

	/** Commands that came while the page was open, newest first. */
	readonly fresh: CommandView[] = $derived([...this.#live.values()].sort(byNewest));

	/** The command whose results are on the page: the newest that was not put away. */
	readonly open: CommandView | null = $derived.by(() => {
		const loaded = this.#loaded();
		const candidates = [...this.fresh];
		if (loaded !== null && !this.#live.has(loaded.commandId)) candidates.push(loaded);
		const newest = candidates.sort(byNewest)[0];
		return newest === undefined || newest.readAt !== null ? null : newest;
	});

	/** The header's buttons reach only enabled accounts with this tag; null: all. Every page begins with all. */
	tag = $state<string | null>(null);

	/** Under way: pressed, and neither answered nor refused. */
	isSending(command: CommandKind): boolean {
		return this.#sending.some(({ press }) => press.command === command);
	}

	get refused(): { press: Press; refusal: Refusal } | null {
		return this.#refused;
	}

	pressBehind(commandId: string): Press | undefined {
		return this.#presses[commandId];
	}

	/** A command as the load, an answer or the stream has it. */
	take(news: CommandView): void {
		const loaded = this.#loaded();
		const held =
			this.#live.get(news.commandId) ?? (loaded?.commandId === news.commandId ? loaded : undefined);
		this.#live.set(news.commandId, mergeCommand(held, news));
	}

	send(press: Press): Promise<void> {
		return this.#post({ press, key: newIdempotencyKey() });
	}

	/** The same press once more, after the server did not answer. */
	sendAgain(): Promise<void> {
		const refused = this.#refused;
		return refused === null ? Promise.resolve() : this.#post({ press: refused.press, key: refused.key });
	}

	dismissRefusal(): void {
		this.#refused = null;
	}

	async putAway(commandId: string): Promise<Refusal | null> {
		const answer = await callApi(`/api/user/ea/command/${commandId}/read`, { method: 'POST' });
		if (!answer.ok) return answer.refusal;
		const held = this.#live.get(commandId) ?? this.#loaded();
		if (held?.commandId === commandId) {
			// When exactly is the server's to know; here it only matters that it was.
			this.#live.set(commandId, { ...held, readAt: held.readAt ?? held.createdAt });
		}
		return null;
	}

	async #post(sending: Sending): Promise<void> {
		this.#refused = null;
		this.#sending = [...this.#sending, sending];
		const answer = await this.#call<CommandView>('/api/user/ea/command', {
			method: 'POST',
			body: sending.press,
			headers: { 'idempotency-key': sending.key }
		});
		this.#sending = this.#sending.filter(({ key }) => key !== sending.key);
		if (answer.ok) {
			this.#presses[answer.body.commandId] = sending.press;
			this.take(answer.body);
		} else {
			this.#refused = { ...sending, refusal: answer.refusal };
		}
	}
}
