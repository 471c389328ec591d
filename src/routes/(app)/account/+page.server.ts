import { redirect } from '@sveltejs/kit';
import { readSecondFactor } from '#lib/server/auth/secondFactor.ts';

export const load = async ({ locals, depends }) => {
	depends('app:security');
	const { app, user, session } = locals;
	if (!user || !session) redirect(303, '/login');
	const [secondFactor, sessions] = await Promise.all([
		readSecondFactor(app, user.id),
		app.sessions.list(user.id, session.id)
	]);
	return { secondFactor, sessions };
};
