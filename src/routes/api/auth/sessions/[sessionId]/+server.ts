import { revokeSession } from '#lib/server/auth/revokeSession.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireCaller } from '#lib/server/http/caller.ts';

export const DELETE = api(
	{
		tag: 'Sign-in and security',
		summary: 'End one session',
		answer: null
	},
	async (event) => {
		const sessionId = idParam(event.params.sessionId, 'The session');
		await revokeSession(event.locals.app, requireCaller(event), sessionId);
		return new Response(null, { status: 204 });
	}
);
