/**
 * Which node wants to hear of which user. A node with pages or waiting requests of a user says so to all others,
 * and says it again while that is so; they send it the user's live events and reports. What is said for one page
 * view lasts a while, so that the next view finds the newest reports at hand.
 */
import type { TimerClock } from '#lib/domain/clock.ts';
import { TO_ALL } from './bus.ts';
import type { Peers } from './peers.ts';

/** A word of interest counts this long… */
const LEASE_MS = 15_000;
/** …and is repeated this often while pages are open. */
const REPEAT_MS = 5_000;
/** A page view goes on asking for this long. */
const VIEW_MS = 30_000;
/** A page view does not wait longer than this for other nodes; what is missing follows live. */
const ANSWER_MS = 400;
const IDS_PER_MESSAGE = 500;

export interface InterestDependencies {
	peers: Peers;
	clock: TimerClock;
	/** Users with open pages or waiting requests on this node. */
	present: () => Iterable<string>;
	/** A node wants to hear of these users from now on: it gets what there is. */
	onWatched: (nodeId: string, userIds: string[]) => void;
	/** Another node answered: it sends us everything about these users from here on. */
	onAnswered: (userIds: string[]) => void;
}

export class Interest {
	readonly #deps: InterestDependencies;
	/** What this node asked for: user → when it said so last, and until when a page view keeps it up. */
	readonly #asked = new Map<string, { saidAtMs: number; viewEndsMs: number; answeredBy: Set<string> }>();
	/** Who asked this node: user → node → until when. */
	readonly #watchers = new Map<string, Map<string, number>>();
	readonly #waiting = new Set<() => void>();

	constructor(deps: InterestDependencies) {
		this.#deps = deps;
	}

	/** Nodes that want to hear of this user. */
	watchersOf(userId: string): string[] {
		const watchers = this.#watchers.get(userId);
		if (!watchers) return [];
		const now = this.#deps.clock.monotonicMs();
		return [...watchers].filter(([, endsMs]) => endsMs > now).map(([nodeId]) => nodeId);
	}

	/** Sees to it that the other nodes send what they know of this user; waits for the first answers, briefly. */
	async watch(userId: string): Promise<void> {
		const reachable = this.#deps.peers.reachable();
		if (reachable.length === 0) return;
		const now = this.#deps.clock.monotonicMs();
		const known = this.#asked.get(userId);
		const asked = known ?? {
			saidAtMs: Number.NEGATIVE_INFINITY,
			viewEndsMs: 0,
			answeredBy: new Set<string>()
		};
		asked.viewEndsMs = now + VIEW_MS;
		if (!known || now - asked.saidAtMs > REPEAT_MS) {
			this.#asked.set(userId, asked);
			this.#say([userId]);
		}
		const isAnswered = () => reachable.every((nodeId) => asked.answeredBy.has(nodeId));
		if (!isAnswered()) await this.#until(isAnswered);
	}

	/** Says again what is still wanted, and forgets what is not. Called every second or so. */
	renew(): void {
		const now = this.#deps.clock.monotonicMs();
		for (const [userId, watchers] of this.#watchers) {
			for (const [nodeId, endsMs] of watchers) if (endsMs <= now) watchers.delete(nodeId);
			if (watchers.size === 0) this.#watchers.delete(userId);
		}
		if (this.#deps.peers.reachable().length === 0) return;
		const present = new Set(this.#deps.present());
		for (const [userId, asked] of this.#asked)
			if (!present.has(userId) && asked.viewEndsMs <= now) this.#asked.delete(userId);
		for (const userId of present)
			if (!this.#asked.has(userId))
				this.#asked.set(userId, { saidAtMs: Number.NEGATIVE_INFINITY, viewEndsMs: 0, answeredBy: new Set() });
		const due = [...this.#asked].filter(([, asked]) => now - asked.saidAtMs >= REPEAT_MS);
		this.#say(due.map(([userId]) => userId));
	}

	/** The bus was away, or a node came new: nobody out there is sure to know what we want. */
	startOver(): void {
		for (const asked of this.#asked.values()) {
			asked.saidAtMs = Number.NEGATIVE_INFINITY;
			asked.answeredBy.clear();
		}
		this.renew();
	}

	/** Another node watches these users. */
	onWatch(nodeId: string, userIds: readonly string[], wantsAnswer: boolean): void {
		const now = this.#deps.clock.monotonicMs();
		for (const userId of userIds) {
			const watchers = this.#watchers.get(userId) ?? new Map<string, number>();
			this.#watchers.set(userId, watchers);
			watchers.set(nodeId, now + LEASE_MS);
		}
		if (wantsAnswer) this.#deps.onWatched(nodeId, [...userIds]);
	}

	/** A node confirmed, with its reports, that it sends us these users' news. */
	onAnswer(nodeId: string, userIds: readonly string[]): void {
		for (const userId of userIds) this.#asked.get(userId)?.answeredBy.add(nodeId);
		for (const look of [...this.#waiting]) look();
		this.#deps.onAnswered([...userIds]);
	}

	/** What this node was asked for by another that is gone. */
	forget(nodeId: string): void {
		for (const watchers of this.#watchers.values()) watchers.delete(nodeId);
		for (const asked of this.#asked.values()) asked.answeredBy.delete(nodeId);
	}

	#say(userIds: readonly string[]): void {
		const { peers, clock } = this.#deps;
		const reachable = peers.reachable();
		const isAnswered = (userId: string) => {
			const answeredBy = this.#asked.get(userId)?.answeredBy;
			return reachable.every((nodeId) => answeredBy?.has(nodeId));
		};
		for (const userId of userIds) {
			const asked = this.#asked.get(userId);
			if (asked) asked.saidAtMs = clock.monotonicMs();
		}
		for (const [wantsAnswer, group] of Map.groupBy(userIds, (userId) => !isAnswered(userId)))
			for (let i = 0; i < group.length; i += IDS_PER_MESSAGE)
				peers.send(TO_ALL, { type: 'watch', userIds: group.slice(i, i + IDS_PER_MESSAGE), wantsAnswer });
	}

	#until(isDone: () => boolean): Promise<void> {
		return new Promise((resolve) => {
			const end = () => {
				forgetTimer();
				this.#waiting.delete(look);
				resolve();
			};
			const look = () => {
				if (isDone()) end();
			};
			const forgetTimer = this.#deps.clock.after(ANSWER_MS, end);
			this.#waiting.add(look);
		});
	}
}
