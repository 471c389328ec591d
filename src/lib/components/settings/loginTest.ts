/**
 * How the login of an account goes that was just added or changed (C1): it is tried on the account's own terminal, and
 * only what was seen afterwards counts.
 */
import type { AccountView } from '#lib/domain/views.ts';
import type { ShownState } from '../live/freshness.ts';

/** What a terminal said so soon after the change may still be about the login before it. */
export const SETTLE_MS = 3_000;

export type LoginTest = 'testing' | 'passed' | 'refused' | 'no_agent' | 'needs_password' | 'not_active';

export function loginTest(account: AccountView, shown: ShownState, savedAtMs: number): LoginTest {
	if (account.status === 'INACTIVE') return 'not_active';
	if (account.needsPassword) return account.agent === null ? 'no_agent' : 'needs_password';
	switch (account.connection) {
		case 'unassigned':
		case 'agent_offline':
		case 'unreachable':
			return 'no_agent';
		case 'connected':
		case 'login_refused': {
			const isProof = shown.seenAtMs !== null && shown.seenAtMs >= savedAtMs + SETTLE_MS;
			if (!isProof) return 'testing';
			return account.connection === 'connected' ? 'passed' : 'refused';
		}
		default:
			return 'testing';
	}
}
