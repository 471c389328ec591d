/**
 * “Is it really trading?” (E4): ten rungs from the process to fresh ticks. The first rung that is not
 * climbed is the status text, with the remedy beside it. “Unknown” is a state of its own: above a rung that
 * could not be seen, nothing is claimed.
 */
import { STALE_AFTER_MS } from './limits.ts';

export const RUNGS = [
	'process',
	'bridge',
	'login',
	'broker',
	'algo_trading',
	'ea_attached',
	'settings',
	'ea_ready',
	'heartbeat',
	'ticks'
] as const;
export type Rung = (typeof RUNGS)[number];
export type RungState = 'yes' | 'no' | 'unknown';
export type Ladder = Record<Rung, RungState>;

/** What the agent saw of one terminal, in plain facts. `null` means "not seen". */
export interface Observation {
	process: 'up' | 'down' | 'hung';
	/** Age of the newest valid status of the bridge. */
	bridgeAgeMs: number | null;
	/** The bridge runs on the login and server that are assigned. */
	isLoginRight: boolean | null;
	isBrokerConnected: boolean | null;
	isAlgoTradingOn: boolean | null;
	isEaAttached: boolean | null;
	/** The EA runs with the settings of the generation that is wanted. */
	areSettingsAsWanted: boolean | null;
	isEaReady: boolean | null;
	heartbeatAgeMs: number | null;
	tickAgeMs: number | null;
	/** A closed market has no ticks, and that is no fault. */
	isMarketOpen: boolean | null;
}

/** Status of the bridge older than this proves nothing any more (it is written every second). */
export const BRIDGE_FRESH_MS = 5_000;
/** The EA writes its heartbeat on a timer every second or two, ticks or not. */
export const HEARTBEAT_FRESH_MS = 10_000;
/** In an open market of a major symbol. */
export const TICK_FRESH_MS = 60_000;

const UNKNOWN_LADDER: Ladder = {
	process: 'unknown',
	bridge: 'unknown',
	login: 'unknown',
	broker: 'unknown',
	algo_trading: 'unknown',
	ea_attached: 'unknown',
	settings: 'unknown',
	ea_ready: 'unknown',
	heartbeat: 'unknown',
	ticks: 'unknown'
};

const seen = (fact: boolean | null): RungState => (fact === null ? 'unknown' : fact ? 'yes' : 'no');

/** Climbs the ladder with what was seen. */
export function climb(observation: Observation): Ladder {
	const ladder: Ladder = { ...UNKNOWN_LADDER };
	// A hung terminal runs, and its EA may trade: only its bridge is silent.
	ladder.process = observation.process === 'down' ? 'no' : 'yes';
	const { bridgeAgeMs } = observation;
	ladder.bridge = bridgeAgeMs === null ? 'no' : bridgeAgeMs <= BRIDGE_FRESH_MS ? 'yes' : 'no';
	// Everything above is known through the bridge alone.
	if (ladder.process !== 'yes' || ladder.bridge !== 'yes') return ladder;
	ladder.login = seen(observation.isLoginRight);
	ladder.broker = seen(observation.isBrokerConnected);
	ladder.algo_trading = seen(observation.isAlgoTradingOn);
	ladder.ea_attached = seen(observation.isEaAttached);
	if (ladder.ea_attached !== 'yes') return ladder;
	ladder.settings = seen(observation.areSettingsAsWanted);
	ladder.ea_ready = seen(observation.isEaReady);
	ladder.heartbeat =
		observation.heartbeatAgeMs === null ? 'no' : seen(observation.heartbeatAgeMs <= HEARTBEAT_FRESH_MS);
	const isTickFresh = observation.tickAgeMs !== null && observation.tickAgeMs <= TICK_FRESH_MS;
	ladder.ticks = isTickFresh || observation.isMarketOpen === false ? 'yes' : 'no';
	return ladder;
}

/** The lowest rung that is not climbed, or null at the top. */
export function firstFailing(ladder: Ladder): Rung | null {
	return RUNGS.find((rung) => ladder[rung] !== 'yes') ?? null;
}

/** What the algo was seen to be. */
export const ALGO_STATES = ['running', 'degraded', 'paused', 'stopped', 'down', 'unknown'] as const;
export type AlgoState = (typeof ALGO_STATES)[number];

/**
 * The algo's state as the ladder shows it.
 * `running` only at the top; `degraded` = may trade, but something is wrong; `down` = no terminal process,
 * hence no EA; `unknown` = nothing may be claimed.
 */
export function algoState(ladder: Ladder): AlgoState {
	if (ladder.process === 'no' && ladder.bridge === 'no') return 'down';
	if (ladder.bridge !== 'yes' || ladder.ea_attached === 'unknown') return 'unknown';
	if (ladder.ea_attached === 'no') return 'stopped';
	if (ladder.algo_trading === 'no') return 'paused';
	return firstFailing(ladder) === null ? 'running' : 'degraded';
}

/** What to say of the first rung that is not climbed; rungHelp.ts says what to do then. */
export const RUNG_FAILURES: Record<Rung, string> = {
	process: 'The terminal is not running',
	bridge: 'The bridge in the terminal does not answer',
	login: 'The terminal is not logged in to this account',
	broker: 'No connection to the broker’s server',
	algo_trading: 'Algo Trading is off in the terminal',
	ea_attached: 'No EA runs on the chart',
	settings: 'The EA runs with older settings',
	ea_ready: 'The EA did not report ready',
	heartbeat: 'The EA’s heartbeat is stale',
	ticks: 'No price has come for a while though the market is open'
};

/** Whether a report of this age may still be shown as the present. */
export function isStale(ageMs: number | null): boolean {
	return ageMs === null || ageMs > STALE_AFTER_MS;
}
