/**
 * The incident of one account that is under way, if any: what was found, what was tried, how long it took. Times
 * are the agent's monotonic ones; the outbox turns them into ages when it sends.
 */
import {
	MOST_INCIDENT_STEPS,
	type IncidentAction,
	type IncidentKind,
	type IncidentOutcome
} from '#lib/domain/incident.ts';
import { type Clock } from '../clock.ts';

export interface Incident {
	incidentId: string;
	kind: IncidentKind;
	/** When all was well for the last time, as far as was seen. */
	startedAtMs: number;
	detectedAtMs: number;
	endedAtMs: number | null;
	outcome: IncidentOutcome | null;
	restarts: number;
	steps: { action: IncidentAction; afterMs: number; error: string | null }[];
	/** As last seen before it; null when nothing was seen. */
	openPositions: number | null;
	unprotectedPositions: number | null;
}

export interface IncidentBookDependencies {
	clock: Clock;
	random: () => number;
	/** What the bridge said last of the positions. */
	lastPositions: () => { openPositions: number; unprotectedPositions: number } | null;
	/** Called whenever the incident under way has news. */
	onNews: (incident: Incident) => void;
}

export class IncidentBook {
	readonly #deps: IncidentBookDependencies;
	#current: Incident | null = null;

	constructor(deps: IncidentBookDependencies) {
		this.#deps = deps;
	}

	get current(): Incident | null {
		return this.#current;
	}

	/** Opens an incident, unless one is under way: what comes of it belongs to it. */
	begin(kind: IncidentKind, startedAtMs: number): void {
		if (this.#current) return;
		const { clock, random, lastPositions } = this.#deps;
		const detectedAtMs = clock.monotonicMs();
		const positions = lastPositions();
		this.#current = {
			incidentId: uuidOf(clock.wallMs(), random),
			kind,
			startedAtMs: Math.min(startedAtMs, detectedAtMs),
			detectedAtMs,
			endedAtMs: null,
			outcome: null,
			restarts: 0,
			steps: [],
			openPositions: positions?.openPositions ?? null,
			unprotectedPositions: positions?.unprotectedPositions ?? null
		};
		this.#tell();
	}

	/** Notes what was done. @param error why it did not work; null when it did */
	step(action: IncidentAction, error: string | null): void {
		const incident = this.#current;
		if (!incident) return;
		const afterMs = Math.max(0, Math.round(this.#deps.clock.monotonicMs() - incident.detectedAtMs));
		if (action === 'restart_terminal') incident.restarts += 1;
		if (incident.steps.length < MOST_INCIDENT_STEPS)
			incident.steps.push({ action, afterMs, error: error?.slice(0, 200) ?? null });
		this.#tell();
	}

	end(outcome: IncidentOutcome): void {
		const incident = this.#current;
		if (!incident) return;
		this.#current = null;
		this.#deps.onNews({ ...incident, outcome, endedAtMs: this.#deps.clock.monotonicMs() });
	}

	#tell(): void {
		if (this.#current) this.#deps.onNews({ ...this.#current, steps: [...this.#current.steps] });
	}
}

/** A UUIDv7 from the clock and the random source of this agent, so that a simulated one tells the same story twice. */
function uuidOf(wallMs: number, random: () => number): string {
	const digits = (count: number): string =>
		Array.from({ length: count }, () => Math.floor(random() * 16).toString(16)).join('');
	const time = Math.max(0, Math.floor(wallMs)).toString(16).padStart(12, '0').slice(-12);
	const variant = (8 + Math.floor(random() * 4)).toString(16);
	return `${time.slice(0, 8)}-${time.slice(8)}-7${digits(3)}-${variant}${digits(3)}-${digits(12)}`;
}
