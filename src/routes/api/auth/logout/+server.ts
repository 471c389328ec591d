import { api } from '#lib/server/http/api.ts';

export const POST = api(
	{
		tag: 'Sign-in and security',
		summary: 'Sign out',
		details: 'Signing out twice is no error.',
		answer: null
	},
	async (event) => {
		const { app, user, session } = event.locals;
		if (user && session) await app.sessions.end(user.id, session.id, event.cookies);
		return new Response(null, { status: 204 });
	}
);
