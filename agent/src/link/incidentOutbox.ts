/**
 * Incidents on their way to the server, the newest word on each. All that are kept are told again after every
 * reconnect: the server writes by their id, so that telling twice is telling once.
 */
import { type Clock } from '../clock.ts';
import { type IncidentReport } from '../supervisor/reporter.ts';
import { type Outgoing } from './connection.ts';

const MOST_INCIDENTS = 200;
/** What was sent over a line that broke soon after may not have arrived. */
const KEEP_SENT_MS = 600_000;

export class IncidentOutbox {
	readonly #clock: Clock;
	readonly #kept = new Map<string, { report: IncidentReport; isSent: boolean }>();

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	put(report: IncidentReport): void {
		this.#kept.delete(report.incidentId);
		this.#kept.set(report.incidentId, { report, isSent: false });
		for (const [id] of this.#kept) {
			if (this.#kept.size <= MOST_INCIDENTS) return;
			this.#kept.delete(id);
		}
	}

	/** A new line: nobody knows what arrived over the last one. */
	startOver(): void {
		const now = this.#clock.monotonicMs();
		for (const [id, kept] of this.#kept) {
			const { endedAtMs } = kept.report;
			const isOver = kept.isSent && endedAtMs !== null && now - endedAtMs > KEEP_SENT_MS;
			if (isOver) this.#kept.delete(id);
			else kept.isSent = false;
		}
	}

	flush(send: (frame: Outgoing) => boolean): void {
		for (const kept of this.#kept.values()) {
			if (kept.isSent) continue;
			if (!send(this.#frame(kept.report))) return;
			kept.isSent = true;
		}
	}

	#frame({ startedAtMs, detectedAtMs, endedAtMs, ...rest }: IncidentReport): Outgoing {
		const age = (atMs: number): number => Math.max(0, Math.round(this.#clock.monotonicMs() - atMs));
		return {
			type: 'incident',
			...rest,
			startedAgeMs: age(startedAtMs),
			detectedAgeMs: age(detectedAtMs),
			endedAgeMs: endedAtMs === null ? null : age(endedAtMs)
		};
	}
}
