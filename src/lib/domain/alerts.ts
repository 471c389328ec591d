/**
 * What needs somebody's act, decided from what was seen of an account. Three-valued like everything here: what cannot
 * be seen neither raises an alert nor ends one.
 */
import { summarise, type CommandKind, type ResultStatus } from './commandLifecycle.ts';
import { RUNG_FAILURES } from './ladder.ts';
import { RUNG_HELP } from './rungHelp.ts';
import type { AccountView } from './views.ts';

export const ALERT_KINDS = [
	'command_failed',
	'agent_lost',
	'heartbeat_stale',
	'unprotected_positions'
] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

export const ALERT_WORDS: Record<AlertKind, { label: string; details: string }> = {
	command_failed: {
		label: 'A command failed',
		details: 'Start, Pause or Stop was not done on an account, or nobody knows whether it was.'
	},
	agent_lost: {
		label: 'An agent is lost',
		details: 'The agent of an account that trades is not connected: nothing is seen of it.'
	},
	heartbeat_stale: {
		label: 'A heartbeat is stale',
		details: 'The EA of an account that is to run gives no sign of life, or nothing can be seen of it.'
	},
	unprotected_positions: {
		label: 'Positions without a stop-loss',
		details: 'Open positions have no stop-loss at the broker.'
	}
};

/** What is said of an alert: what was seen, when, and what to do. */
export interface AlertFacts {
	seen: string;
	/** When that was seen; null: never. */
	seenAt: string | null;
	next: string;
}

export type AlertVerdict = { is: 'raised'; facts: AlertFacts } | { is: 'over' } | { is: 'unknown' };

/** The newest command of an account, and what came of it. */
export interface NewestCommand {
	kind: CommandKind;
	status: ResultStatus;
	error: string | null;
	/** When it was settled, or given when it is not. */
	at: string;
}

const OVER: AlertVerdict = { is: 'over' };
const UNKNOWN: AlertVerdict = { is: 'unknown' };
const PRESSED: Record<CommandKind, string> = { start_ea: 'Start', pause_ea: 'Pause', stop_ea: 'Stop' };

/** @param view as the pages show it: `state` is unknown unless its proof is fresh */
export function judge(view: AccountView, command: NewestCommand | null): Record<AlertKind, AlertVerdict> {
	return {
		command_failed: ofCommand(command),
		agent_lost: ofAgent(view),
		heartbeat_stale: ofHeartbeat(view),
		unprotected_positions: ofPositions(view)
	};
}

function ofCommand(command: NewestCommand | null): AlertVerdict {
	if (!command) return UNKNOWN;
	switch (command.status) {
		case 'success':
			return OVER;
		case 'failed':
		case 'agent_offline':
		case 'expired':
		case 'indeterminate':
		case 'timeout':
			return {
				is: 'raised',
				facts: {
					seen: `${PRESSED[command.kind]} was not proven done. ${command.error ?? summarise(command.kind, [command.status])}`,
					seenAt: command.at,
					next: 'Look at the account’s state and open positions, then press the button you want again.'
				}
			};
		case 'dispatched':
		case 'executing':
		case 'waiting':
		case 'superseded':
			return UNKNOWN;
	}
}

/** Somebody counts on it: it trades, or is to. */
const isInUse = ({ status, isEnabledForTrading, wanted }: AccountView): boolean =>
	status === 'ACTIVE' && (isEnabledForTrading || wanted === 'RUNNING');

function ofAgent(view: AccountView): AlertVerdict {
	if (!isInUse(view) || view.agent === null) return OVER;
	if (view.agent.isConnected === null) return UNKNOWN;
	if (view.agent.isConnected) return OVER;
	return {
		is: 'raised',
		facts: {
			seen: `The agent ${view.agent.name} is not connected. What its terminal does is unknown; before that, the algo was ${view.lastKnownState ?? 'not seen at all'}.`,
			seenAt: view.agent.lastSeenAt,
			next: 'Have the operator look whether the machine is up and has a connection. Open positions can be closed at the broker.'
		}
	};
}

function ofHeartbeat(view: AccountView): AlertVerdict {
	if (!isInUse(view) || view.wanted !== 'RUNNING' || !view.isConnectionWanted) return OVER;
	// Nothing is seen without the agent; that is an alert of its own.
	if (view.agent?.isConnected !== true) return UNKNOWN;
	const { ladder } = view;
	if (ladder === null)
		return {
			is: 'raised',
			facts: {
				seen: `Nothing fresh is seen of the account, though its agent is connected. Whether the EA runs is unknown; before that, it was ${view.lastKnownState ?? 'not seen at all'}.`,
				seenAt: view.seenAt,
				next: 'Look at the account’s page for what its terminal does; if it stays silent, have the operator restart the terminal.'
			}
		};
	if (ladder.heartbeat === 'no')
		return {
			is: 'raised',
			facts: {
				seen: `${RUNG_FAILURES.heartbeat}.`,
				seenAt: view.seenAt,
				next: RUNG_HELP.heartbeat.remedy
			}
		};
	return ladder.heartbeat === 'yes' ? OVER : UNKNOWN;
}

function ofPositions(view: AccountView): AlertVerdict {
	if (view.status !== 'ACTIVE') return OVER;
	// Old figures say nothing of now.
	if (view.state === 'unknown' || view.figures === null) return UNKNOWN;
	const { unprotectedPositions, openPositions } = view.figures;
	if (unprotectedPositions === 0) return OVER;
	return {
		is: 'raised',
		facts: {
			seen: `${unprotectedPositions} of ${openPositions} open positions ${unprotectedPositions === 1 ? 'has' : 'have'} no stop-loss at the broker.`,
			seenAt: view.seenAt,
			next: 'Set a stop-loss in the terminal, or close what is not to stay open. A paused or lost EA cannot look after it.'
		}
	};
}
