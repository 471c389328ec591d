/** Events on their way to the server: kept while the line is down, the oldest dropped first. */
import { type Clock } from '../clock.ts';
import { type AgentEvent } from '../supervisor/reporter.ts';
import { type Outgoing } from './connection.ts';

const MOST_EVENTS = 500;

export class EventOutbox {
	readonly #clock: Clock;
	readonly #events: Array<{ event: AgentEvent; atMs: number }> = [];

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	add(event: AgentEvent): void {
		this.#events.push({ event, atMs: this.#clock.monotonicMs() });
		if (this.#events.length > MOST_EVENTS) this.#events.shift();
	}

	/** Sends what there is, until `send` says that the line is down. */
	flush(send: (frame: Outgoing) => boolean): void {
		for (let first = this.#events[0]; first; first = this.#events[0]) {
			const ageMs = Math.round(this.#clock.monotonicMs() - first.atMs);
			if (!send({ type: 'event', ...first.event, ageMs })) return;
			this.#events.shift();
		}
	}
}
