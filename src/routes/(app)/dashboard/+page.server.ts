import { redirect } from '@sveltejs/kit';
import { readCommandPage } from '#lib/server/commands/commandRows.ts';

const RECENT = 10;

export const load = async ({ locals, depends }) => {
	depends('app:commands');
	const { app, user } = locals;
	if (!user) redirect(303, '/login');
	return { recentCommands: await readCommandPage(app.db.pool, user.id, RECENT, null) };
};
