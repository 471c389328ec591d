import { redirect, type Actions } from '@sveltejs/kit';

export const load = () => redirect(303, '/dashboard');

export const actions: Actions = {
	default: async ({ locals, cookies }) => {
		const { app, user, session } = locals;
		if (user && session) await app.sessions.end(user.id, session.id, cookies);
		redirect(303, '/login');
	}
};
