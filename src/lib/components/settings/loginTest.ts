/**
 * How the login of an account goes that was just added or changed (C1): it is tried on the account's own terminal, and
 * only what was seen afterwards counts.
 */
import type { AccountView } from '#lib/domain/views.ts';
import type { ShownState } from '../live/freshness.ts';

/** What a terminal says so soon after a change may still be about the login before it. */
const SETTLE_MS = 3_000;

/** From when on a proof counts. Of an account that was never seen, there is no earlier login to mistake it for. */
export const provenFrom = ({ seenAt }: Pick<AccountView, 'seenAt'>, savedAtMs: number): number =>
	seenAt === null ? 0 : savedAtMs + SETTLE_MS;

export type LoginTest = 'testing' | 'passed' | 'refused' | 'no_agent' | 'needs_password' | 'not_active';

export function loginTest(account: AccountView, shown: ShownState, provenFromMs: number): LoginTest {
	if (account.status === 'INACTIVE') return 'not_active';
	if (account.needsPassword) return account.agent === null ? 'no_agent' : 'needs_password';
	switch (account.connection) {
		case 'unassigned':
		case 'agent_offline':
		case 'unreachable':
			return 'no_agent';
		case 'connected':
		case 'login_refused': {
			const isProof = shown.seenAtMs !== null && shown.seenAtMs >= provenFromMs;
			if (!isProof) return 'testing';
			return account.connection === 'connected' ? 'passed' : 'refused';
		}
		default:
			return 'testing';
	}
}
