import type { App, Caller } from '../app.ts';
import { writeAudit } from '../audit/writeAudit.ts';
import { notFound } from '../errors.ts';

/** Ends one of the caller's sessions, with its live streams. @throws AppError NOT_FOUND */
export async function revokeSession(app: App, caller: Caller, sessionId: string): Promise<void> {
	if (!(await app.sessions.revoke(caller.userId, sessionId))) throw notFound('The session');
	await audit(app, caller, { sessions: 1 });
}

/** Ends all sessions of the caller but the present one. */
export async function revokeOtherSessions(app: App, caller: Caller): Promise<{ endedSessions: number }> {
	const endedSessions = await app.sessions.revokeOthers(caller.userId, caller.session?.id ?? null);
	if (endedSessions > 0) await audit(app, caller, { sessions: endedSessions });
	return { endedSessions };
}

const audit = (app: App, { userId, origin }: Caller, detail: { sessions: number }): Promise<void> =>
	writeAudit(app.db.prisma, { userId, action: 'user.session_revoke', origin, detail });
