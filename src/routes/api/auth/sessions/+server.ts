import { endedSessionsSchema, sessionListSchema } from '#lib/server/answers/people.ts';
import { json } from '@sveltejs/kit';
import { revokeOtherSessions } from '#lib/server/auth/revokeSession.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';

export const GET = api(
	{
		tag: 'Sign-in and security',
		summary: 'Where one is signed in',
		answer: sessionListSchema
	},
	async (event) => {
		const { userId, session } = requireCaller(event);
		return json({ sessions: await event.locals.app.sessions.list(userId, session?.id ?? null) });
	}
);

export const DELETE = api(
	{
		tag: 'Sign-in and security',
		summary: 'End all sessions but this one',
		answer: endedSessionsSchema
	},
	async (event) => json(await revokeOtherSessions(event.locals.app, requireCaller(event)))
);
