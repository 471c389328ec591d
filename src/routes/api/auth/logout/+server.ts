import { api } from '#lib/server/http/api.ts';

/** Signing out twice is no error. */
export const POST = api(async (event) => {
	const { app, sessionId } = event.locals;
	if (sessionId) await app.sessions.end(sessionId, event.cookies);
	return new Response(null, { status: 204 });
});
