import { json } from '@sveltejs/kit';
import { revokeOtherSessions } from '#lib/server/auth/revokeSession.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';

export const GET = api(async (event) => {
	const { userId, session } = requireCaller(event);
	return json({ sessions: await event.locals.app.sessions.list(userId, session?.id ?? null) });
});

/** Ends all sessions but this one. */
export const DELETE = api(async (event) =>
	json(await revokeOtherSessions(event.locals.app, requireCaller(event)))
);
