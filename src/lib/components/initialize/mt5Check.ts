/**
 * A fresh look at every account (C7): what was seen before it was asked for does not count. Agents report by themselves,
 * every few seconds at most; who is not heard within CHECK_MS is an error, and nothing of it is claimed.
 */
import type { AccountView } from '#lib/domain/views.ts';
import { CONNECTION_WORDS } from '../dashboard/accountWords.ts';
import type { ShownState } from '../live/freshness.ts';

export const CHECK_MS = 15_000;

export type CheckState = 'checking' | 'connected' | 'error' | 'disconnected';
export type InitializeState = 'idle' | 'checking' | 'connected' | 'error';

export interface AccountCheck {
	account: AccountView;
	state: CheckState;
	/** Seen since it was asked for, and still the present: only then its figures may be shown. */
	isFresh: boolean;
	error: { message: string; remedy: string } | null;
}

/** The server says these of itself: no report will come. */
const HOPELESS = new Set(['agent_offline', 'unassigned', 'unreachable']);
const UNDER_WAY = new Set(['connecting', 'disconnecting']);

export function checkAccount(
	account: AccountView,
	shown: ShownState,
	{ askedAtMs, nowMs }: { askedAtMs: number; nowMs: number }
): AccountCheck {
	const isFresh = shown.seenAtMs !== null && shown.seenAtMs >= askedAtMs && !shown.areFiguresStale;
	// A terminal that is down, or does not answer, is seen too, though its algo is unknown.
	const isSeen = shown.seenAtMs !== null && shown.seenAtMs >= askedAtMs;
	const isInTime = nowMs - askedAtMs < CHECK_MS;
	const { connection, fault } = account;
	const check = (state: CheckState, error: AccountCheck['error'] = null): AccountCheck => ({
		account,
		state,
		isFresh,
		error
	});
	if (HOPELESS.has(connection)) return check('error', said(account));
	if (isInTime && (!isSeen || UNDER_WAY.has(connection))) return check('checking');
	if (!isSeen || (connection === 'connected' && !isFresh))
		return check('error', {
			message: 'Nothing is heard of this account just now.',
			remedy: 'Look at the connection of its agent, then check again.'
		});
	if (connection === 'connected') return check('connected', fault);
	if (connection === 'disconnected') return check('disconnected');
	return check('error', fault ?? said(account));
}

const said = ({ connection }: AccountView): AccountCheck['error'] => ({
	message: `${CONNECTION_WORDS[connection].label}.`,
	remedy: 'The checks below say how far it is; the Accounts page can reconnect it.'
});

export function initializeState(checks: readonly AccountCheck[] | null): InitializeState {
	if (checks === null) return 'idle';
	if (checks.some(({ state }) => state === 'checking')) return 'checking';
	if (checks.some(({ state }) => state === 'error')) return 'error';
	return checks.some(({ state }) => state === 'connected') ? 'connected' : 'error';
}
