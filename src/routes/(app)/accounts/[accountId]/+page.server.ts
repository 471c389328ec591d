import { error, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { dealPage } from '#lib/server/analytics/dealRequests.ts';
import { systemPage } from '#lib/server/audit/logRequests.ts';
import { readEaStatus } from '#lib/server/accounts/readAccountViews.ts';
import { readAccountCommands } from '#lib/server/commands/commandRows.ts';
import { readConnections } from '#lib/server/connections/readConnections.ts';
import { AppError } from '#lib/server/errors.ts';
import { readOpenBook } from '#lib/server/live/openItemsView.ts';
import { readWatchdog } from '#lib/server/watchdog/readIncidents.ts';

const COMMANDS = 15;
/** The newest of each; the whole list is a page of its own. */
const DEALS = 10;
const LOG_LINES = 10;

export const load = async ({ locals, params, url, depends }) => {
	depends('app:account', 'app:commands');
	const { app, user } = locals;
	if (!user) redirect(303, '/login');
	const accountId = z.uuid().safeParse(params.accountId);
	if (!accountId.success) error(404, 'This account does not exist.');
	const connectionsBefore = url.searchParams.get('connections');
	const before = url.searchParams.get('before');
	try {
		const [ea, watchdog, commands, connections, book, deals, log] = await Promise.all([
			readEaStatus(app, user.id, accountId.data),
			readWatchdog(app, user.id, accountId.data, before),
			readAccountCommands(app.db.pool, user.id, accountId.data, COMMANDS),
			readConnections(app, user.id, accountId.data, connectionsBefore),
			readOpenBook(app, user.id),
			dealPage(app, user.id, new URLSearchParams({ account_ids: accountId.data }), DEALS),
			systemPage(app, user, new URLSearchParams({ account_id: accountId.data }), LOG_LINES)
		]);
		return {
			accountId: accountId.data,
			ea,
			watchdog,
			commands,
			connections,
			book,
			deals: deals.lines,
			log: log.lines,
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
