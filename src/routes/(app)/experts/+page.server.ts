import { redirect } from '@sveltejs/kit';
import { readExperts } from '#lib/server/experts/readExperts.ts';

export const load = async ({ locals, depends }) => {
	depends('app:experts');
	const { app, user } = locals;
	if (!user) redirect(303, '/login');
	return { list: await readExperts(app, user.id) };
};
