/** Connection and algo of an account in words, with the meaning of their colour. */
import { firstFailing, RUNG_FAILURES, type AlgoState } from '#lib/domain/ladder.ts';
import type { AccountView, ConnectionName, WantedName } from '#lib/domain/views.ts';
import type { ShownState } from '../live/freshness.ts';
import type { PillIcon } from '../ui/StatusPill.svelte';
import type { Tone } from '../ui/tone.ts';

interface Words {
	tone: Tone;
	icon: PillIcon;
	label: string;
}

export const CONNECTION_WORDS: Record<ConnectionName, Words> = {
	connected: { tone: 'live', icon: 'check', label: 'Connected' },
	connecting: { tone: 'busy', icon: 'spinner', label: 'Connecting' },
	login_refused: { tone: 'fault', icon: 'cross', label: 'Login refused' },
	broker_lost: { tone: 'warn', icon: 'alert', label: 'Broker lost' },
	down: { tone: 'fault', icon: 'cross', label: 'Terminal down' },
	unknown: { tone: 'off', icon: 'unknown', label: 'Unknown' },
	disconnected: { tone: 'off', icon: 'dashed', label: 'Disconnected by you' },
	disconnecting: { tone: 'busy', icon: 'spinner', label: 'Disconnecting' },
	unreachable: { tone: 'off', icon: 'unknown', label: 'Not reachable' },
	agent_offline: { tone: 'warn', icon: 'alert', label: 'Agent offline' },
	unassigned: { tone: 'off', icon: 'dashed', label: 'No agent' },
	inactive: { tone: 'off', icon: 'dashed', label: 'Inactive' }
};

export const STATE_WORDS: Record<AlgoState, Words> = {
	running: { tone: 'live', icon: 'play', label: 'Running' },
	degraded: { tone: 'warn', icon: 'alert', label: 'Degraded' },
	paused: { tone: 'off', icon: 'pause', label: 'Paused' },
	stopped: { tone: 'off', icon: 'stop', label: 'Stopped' },
	down: { tone: 'fault', icon: 'cross', label: 'Terminal down' },
	unknown: { tone: 'off', icon: 'unknown', label: 'Unknown' }
};

export const WANTED_WORDS: Record<WantedName, string> = {
	RUNNING: 'Running',
	PAUSED: 'Paused',
	STOPPED: 'Stopped'
};

const MATCHING: Record<WantedName, readonly AlgoState[]> = {
	RUNNING: ['running', 'degraded'],
	PAUSED: ['paused'],
	STOPPED: ['stopped', 'down']
};

/** What is wanted is not what was seen; of an unknown state nothing is claimed. */
export function isDrifting(account: AccountView, { state }: ShownState): boolean {
	return state !== 'unknown' && !MATCHING[account.wanted].includes(state);
}

/** Why the algo is not simply what is wanted: the work under way, the fault, or the first failing rung. */
export function reasonOf(account: AccountView, shown: ShownState): string | null {
	if (account.status === 'INACTIVE') return null;
	if (account.connection === 'disconnected')
		return 'You disconnected it, so its terminal is down; connect it before the next Start';
	if (account.move !== null) return `Is being moved to ${account.move.to}; Start again when it is there`;
	if (account.needsPassword)
		return account.agent === null
			? 'Needs its password: no agent was there to seal it for. Enter it in Settings when there is one'
			: 'Needs its password: enter it again in Settings';
	if (account.connection === 'agent_offline') return 'The agent that holds the account is offline';
	if (account.connection === 'unreachable')
		return 'The agent is connected to another server, which cannot be reached from here';
	if (account.connection === 'unassigned') return 'No agent has room for the account';
	if (shown.state === 'unknown') return null;
	if (account.activity !== null) return account.activity;
	if (account.fault !== null) return account.fault.message;
	const isFine = shown.state === 'running' || (!isDrifting(account, shown) && shown.state !== 'degraded');
	if (isFine || account.ladder === null) return null;
	const rung = firstFailing(account.ladder);
	return rung === null ? null : RUNG_FAILURES[rung];
}
