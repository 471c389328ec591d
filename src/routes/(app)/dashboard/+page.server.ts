import { redirect } from '@sveltejs/kit';
import { readCommandPage } from '#lib/server/commands/commandRows.ts';
import { readCurrency } from '#lib/server/currency/totalCurrency.ts';

const RECENT = 10;

export const load = async ({ locals, depends }) => {
	depends('app:commands', 'app:currency');
	const { app, user } = locals;
	if (!user) redirect(303, '/login');
	const [recentCommands, currency] = await Promise.all([
		readCommandPage(app.db.pool, user.id, RECENT, null),
		readCurrency(app, user.id)
	]);
	return { recentCommands, currency };
};
