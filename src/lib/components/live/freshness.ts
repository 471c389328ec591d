/**
 * What of an account may be shown as the present. The server judges staleness when it makes a view; time goes
 * on in the browser, so the same rule is applied here again, every second.
 */
import { isStale, type AlgoState } from '#lib/domain/ladder.ts';
import type { AccountView } from '#lib/domain/views.ts';

export interface ShownState {
	/** `unknown` as soon as the last proof is too old to be claimed. */
	state: AlgoState;
	/** What it was before it became unknown. */
	lastKnownState: AlgoState | null;
	seenAtMs: number | null;
	/** Figures are history, not the present. */
	areFiguresStale: boolean;
}

/** @param isLineLost the page does not hear from the server, so nothing it holds is the present */
export function shownState(account: AccountView, nowMs: number, isLineLost: boolean): ShownState {
	const seenAtMs = account.seenAt === null ? null : Date.parse(account.seenAt);
	const isOld = isLineLost || isStale(seenAtMs === null ? null : nowMs - seenAtMs);
	if (!isOld) {
		const { state, lastKnownState } = account;
		return { state, lastKnownState, seenAtMs, areFiguresStale: state === 'unknown' };
	}
	const lastKnownState = account.state === 'unknown' ? account.lastKnownState : account.state;
	return {
		state: 'unknown',
		lastKnownState: lastKnownState === 'unknown' ? null : lastKnownState,
		seenAtMs,
		areFiguresStale: true
	};
}

/** An account that the header's buttons reach. */
export function isEnabled(account: AccountView): boolean {
	return account.isEnabledForTrading && account.status === 'ACTIVE';
}
