import { redirect } from '@sveltejs/kit';
import { readAccountList } from '#lib/server/accounts/readAccountViews.ts';
import { readUnreadCommand } from '#lib/server/commands/commandRows.ts';

export const load = async ({ locals, depends }) => {
	depends('app:accounts', 'app:commands');
	const { app, user } = locals;
	if (!user) redirect(303, '/login');
	const [accountList, openCommand] = await Promise.all([
		readAccountList(app, user.id),
		readUnreadCommand(app.db.pool, user.id)
	]);
	return { user, accountList, openCommand };
};
