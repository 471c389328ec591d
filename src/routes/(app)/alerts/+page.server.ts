import { redirect } from '@sveltejs/kit';
import { readAlerts } from '#lib/server/alerts/webhooks.ts';

export const load = async ({ locals, depends }) => {
	depends('app:alerts');
	const { app, user } = locals;
	if (!user) redirect(303, '/login');
	return { alerts: await readAlerts(app, user.id) };
};
