import { redirect, type Actions } from '@sveltejs/kit';

export const load = () => redirect(303, '/dashboard');

export const actions: Actions = {
	default: async ({ locals, cookies }) => {
		if (locals.sessionId) await locals.app.sessions.end(locals.sessionId, cookies);
		redirect(303, '/login');
	}
};
