/**
 * What the watchdog came upon and what it did about it: one incident from the moment the terminal was last well
 * to the moment it was well again, or given up.
 */
export const INCIDENT_KINDS = [
	'terminal_ended',
	'terminal_replaced',
	'terminal_hung',
	'bridge_silent',
	'logged_out',
	'ea_gone',
	'ea_stale'
] as const;
export type IncidentKind = (typeof INCIDENT_KINDS)[number];

export const INCIDENT_OUTCOMES = ['recovered', 'given_up', 'watchdog_off'] as const;
export type IncidentOutcome = (typeof INCIDENT_OUTCOMES)[number];

export const INCIDENT_ACTIONS = [
	'close_dialogs',
	'reinitialise',
	'restart_terminal',
	'resume_ea',
	'redeploy_ea',
	'adopt_terminal'
] as const;
export type IncidentAction = (typeof INCIDENT_ACTIONS)[number];

/** Steps kept of one incident; the first ones tell the most. */
export const MOST_INCIDENT_STEPS = 20;

export const INCIDENT_WORDS: Record<IncidentKind, string> = {
	terminal_ended: 'The terminal ended',
	terminal_replaced: 'The terminal restarted itself',
	terminal_hung: 'The terminal’s window hung',
	bridge_silent: 'The bridge fell silent',
	logged_out: 'The terminal was logged out',
	ea_gone: 'The EA was not on its chart',
	ea_stale: 'The EA’s heartbeat stopped'
};

export const OUTCOME_WORDS: Record<IncidentOutcome, string> = {
	recovered: 'Recovered',
	given_up: 'Given up',
	watchdog_off: 'Left alone: the watchdog is off'
};

export const ACTION_WORDS: Record<IncidentAction, string> = {
	close_dialogs: 'Closed dialogs that were in the way',
	reinitialise: 'Opened the bridge’s channel anew',
	restart_terminal: 'Started the terminal again',
	resume_ea: 'Brought the EA back',
	redeploy_ea: 'Took the EA off and loaded it anew',
	adopt_terminal: 'Took over the new process'
};
