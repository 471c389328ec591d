import { error, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { readEaStatus } from '#lib/server/accounts/readAccountViews.ts';
import { readAccountCommands } from '#lib/server/commands/commandRows.ts';
import { readConnections } from '#lib/server/connections/readConnections.ts';
import { AppError } from '#lib/server/errors.ts';
import { readOpenBook } from '#lib/server/live/openItemsView.ts';
import { readWatchdog } from '#lib/server/watchdog/readIncidents.ts';

const COMMANDS = 15;

export const load = async ({ locals, params, url, depends }) => {
	depends('app:account', 'app:commands');
	const { app, user } = locals;
	if (!user) redirect(303, '/login');
	const accountId = z.uuid().safeParse(params.accountId);
	if (!accountId.success) error(404, 'This account does not exist.');
	const connectionsBefore = url.searchParams.get('connections');
	const before = url.searchParams.get('before');
	try {
		const [ea, watchdog, commands, connections, book] = await Promise.all([
			readEaStatus(app, user.id, accountId.data),
			readWatchdog(app, user.id, accountId.data, before),
			readAccountCommands(app.db.pool, user.id, accountId.data, COMMANDS),
			readConnections(app, user.id, accountId.data, connectionsBefore),
			readOpenBook(app, user.id)
		]);
		return {
			accountId: accountId.data,
			ea,
			watchdog,
			commands,
			connections,
			book,
			isOlder: before !== null,
			areConnectionsOlder: connectionsBefore !== null
		};
	} catch (refusal) {
		// Another trader's account does not exist either.
		if (refusal instanceof AppError && refusal.code === 'NOT_FOUND')
			error(404, 'This account does not exist, or is not yours.');
		throw refusal;
	}
};
