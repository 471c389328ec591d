import { api } from '#lib/server/http/api.ts';

/** Signing out twice is no error. */
export const POST = api(async (event) => {
	const { app, user, session } = event.locals;
	if (user && session) await app.sessions.end(user.id, session.id, event.cookies);
	return new Response(null, { status: 204 });
});
