import { redirect } from '@sveltejs/kit';
import { readAccountList } from '#lib/server/accounts/readAccountViews.ts';
import { readUnreadCommand } from '#lib/server/commands/commandRows.ts';
import { readPreferences } from '#lib/server/preferences/preferences.ts';

export const load = async ({ locals, depends }) => {
	depends('app:accounts', 'app:commands', 'app:preferences');
	const { app, user, eventSeq } = locals;
	if (!user || eventSeq === null) redirect(303, '/login');
	const [accountList, openCommand, preferences] = await Promise.all([
		readAccountList(app, user.id),
		readUnreadCommand(app.db.pool, user.id),
		readPreferences(app, user.id)
	]);
	return { user, accountList, openCommand, preferences, loadedAt: eventSeq };
};
