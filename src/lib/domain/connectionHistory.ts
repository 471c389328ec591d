/** What is kept of an account's connection: every change that was seen, but for the moments of coming up. */
export const CONNECTION_EVENTS = [
	'connected',
	'login_refused',
	'broker_lost',
	'down',
	'unknown',
	/** The line to its agent broke: from here on nothing was seen. */
	'agent_offline'
] as const;
export type ConnectionEvent = (typeof CONNECTION_EVENTS)[number];

/** Seen to be not connected; out of sight is neither. */
export const DISCONNECTED_EVENTS: readonly ConnectionEvent[] = [
	'login_refused',
	'broker_lost',
	'down',
	'unknown'
];

export const CONNECTION_EVENT_WORDS: Record<ConnectionEvent, string> = {
	connected: 'Connected',
	login_refused: 'Login refused',
	broker_lost: 'Broker lost',
	down: 'Terminal down',
	unknown: 'Terminal does not answer',
	agent_offline: 'Agent out of reach: not seen'
};
