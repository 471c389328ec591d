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
	/** The server is going away, or this listener was too slow. */
	onEnd(reason: string): void;
}

/** More open streams of one user than this: the oldest is closed. */
const MAX_STREAMS_PER_USER = 20;

export class EventHub {
	readonly #listeners = new Map<string, Set<EventListener>>();

	hasListeners(userId: string): boolean {
		return this.#listeners.has(userId);
	}

	/** @returns the function that ends the subscription */
	subscribe(userId: string, listener: EventListener): () => void {
		const listeners = this.#listeners.get(userId) ?? new Set();
		this.#listeners.set(userId, listeners);
		listeners.add(listener);
		if (listeners.size > MAX_STREAMS_PER_USER) {
			const oldest = listeners.values().next().value;
			if (oldest) oldest.onEnd('too many streams');
		}
		return () => {
			listeners.delete(listener);
			if (listeners.size === 0 && this.#listeners.get(userId) === listeners) this.#listeners.delete(userId);
		};
	}

	publish(event: StoredEvent): void {
		for (const listener of this.#listeners.get(event.userId) ?? []) listener.onStored(event);
	}

	publishUnnumbered(userId: string, message: StoredMessage): void {
		for (const listener of this.#listeners.get(userId) ?? []) listener.onUnnumbered(message);
	}

	publishTelemetry(userId: string, accountIds: ReadonlySet<string>): void {
		for (const listener of this.#listeners.get(userId) ?? []) listener.onTelemetry(accountIds);
	}

	endAll(reason: string): void {
		for (const listeners of [...this.#listeners.values()])
			for (const listener of [...listeners]) listener.onEnd(reason);
	}
}
