import { assertNever } from '#lib/domain/assertNever.ts';
import { type IncidentKind } from '#lib/domain/incident.ts';
import { type Upkeep } from './watchdog.ts';

export interface IncidentFacts {
	isHung: boolean;
	silentForMs: number;
	loggedOutForMs: number;
	eaStaleForMs: number;
}

/** What an upkeep says is wrong, and for how long; null when it mends nothing, or what it mends was noted before. */
export function incidentOf(
	upkeep: Upkeep,
	{ isHung, silentForMs, loggedOutForMs, eaStaleForMs }: IncidentFacts
): { kind: IncidentKind; forMs: number } | null {
	switch (upkeep.kind) {
		case 'reinitialise':
			return { kind: isHung ? 'terminal_hung' : 'bridge_silent', forMs: silentForMs };
		case 'restart':
			if (upkeep.why === 'asked') return null;
			if (upkeep.why === 'logged_out') return { kind: 'logged_out', forMs: loggedOutForMs };
			return { kind: upkeep.why === 'hung' ? 'terminal_hung' : 'bridge_silent', forMs: silentForMs };
		case 'resume':
			return { kind: 'ea_gone', forMs: 0 };
		case 'redeploy':
			return { kind: 'ea_stale', forMs: eaStaleForMs };
		case 'launch':
		case 'ask':
		case 'disconnect':
		case 'converge':
		case 'pause_without_server':
			return null;
		default:
			return assertNever(upkeep);
	}
}
