/**
 * Hands committed events to the open streams of their user, in order and without gaps. Events carry a number
 * per user; a stream that sees a gap reads what is missing from the database (eventStream.ts).
 */
import type { StreamEvents } from '#lib/domain/views.ts';

export type StoredEventName = 'accounts' | 'command' | 'results';

export type StoredMessage = {
	[K in StoredEventName]: { name: K; body: StreamEvents[K] };
}[StoredEventName];

/** One committed event; `seq` is its number within its user. */
export interface StoredEvent {
	userId: string;
	seq: bigint;
	messages: StoredMessage[];
}

export interface EventListener {
	onStored(event: StoredEvent): void;
	/** A message that repeats what a stored event says already; it moves no number. */
	onUnnumbered(message: StoredMessage): void;
	/** These accounts have news in the live table. */
	onTelemetry(accountIds: ReadonlySet<string>): void;
	/** Events up to this number are committed; what was not heard of them is in the database. */
	onReached(seq: bigint): void;
	/** Something changed that every view depends on: which servers are within reach. */
	onServersChanged(): void;
	/** The server is going away. */
	onEnd(reason: string): void;
}

/** Carries what is published here to other web nodes. */
export interface EventRelay {
	isWanted(userId: string): boolean;
	stored(event: StoredEvent): void;
	unnumbered(userId: string, message: StoredMessage): void;
}

export class EventHub {
	readonly #listeners = new Map<string, Set<EventListener>>();
	#relay: EventRelay | null = null;

	relayTo(relay: EventRelay): void {
		this.#relay = relay;
	}

	/** Users with open streams on this node. */
	userIds(): string[] {
		return [...this.#listeners.keys()];
	}

	hasListeners(userId: string): boolean {
		return this.#listeners.has(userId);
	}

	/** Whether anybody, here or on another node, has a page of this user open. */
	isHeard(userId: string): boolean {
		return this.#listeners.has(userId) || (this.#relay?.isWanted(userId) ?? false);
	}

	/** @returns the function that ends the subscription */
	subscribe(userId: string, listener: EventListener): () => void {
		const listeners = this.#listeners.get(userId) ?? new Set();
		this.#listeners.set(userId, listeners);
		listeners.add(listener);
		return () => {
			listeners.delete(listener);
			if (listeners.size === 0 && this.#listeners.get(userId) === listeners) this.#listeners.delete(userId);
		};
	}

	/** An event was committed by this node: its streams hear of it, and other nodes that have some. */
	publish(event: StoredEvent): void {
		this.deliver(event);
		this.#relay?.stored(event);
	}

	publishUnnumbered(userId: string, message: StoredMessage): void {
		this.deliverUnnumbered(userId, message);
		this.#relay?.unnumbered(userId, message);
	}

	/** To the streams of this node alone. */
	deliver(event: StoredEvent): void {
		for (const listener of this.#listeners.get(event.userId) ?? []) listener.onStored(event);
	}

	deliverUnnumbered(userId: string, message: StoredMessage): void {
		for (const listener of this.#listeners.get(userId) ?? []) listener.onUnnumbered(message);
	}

	reached(userId: string, seq: bigint): void {
		for (const listener of this.#listeners.get(userId) ?? []) listener.onReached(seq);
	}

	serversChanged(): void {
		for (const listeners of this.#listeners.values())
			for (const listener of listeners) listener.onServersChanged();
	}

	publishTelemetry(userId: string, accountIds: ReadonlySet<string>): void {
		for (const listener of this.#listeners.get(userId) ?? []) listener.onTelemetry(accountIds);
	}

	endAll(reason: string): void {
		for (const listeners of [...this.#listeners.values()])
			for (const listener of [...listeners]) listener.onEnd(reason);
	}
}
