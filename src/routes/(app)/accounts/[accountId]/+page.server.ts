import { error, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { readEaStatus } from '#lib/server/accounts/readAccountViews.ts';
import { readAccountCommands } from '#lib/server/commands/commandRows.ts';
import { AppError } from '#lib/server/errors.ts';
import { readWatchdog } from '#lib/server/watchdog/readIncidents.ts';

const COMMANDS = 15;

export const load = async ({ locals, params, url, depends }) => {
	depends('app:account', 'app:commands');
	const { app, user } = locals;
	if (!user) redirect(303, '/login');
	const accountId = z.uuid().safeParse(params.accountId);
	if (!accountId.success) error(404, 'This account does not exist.');
	const before = url.searchParams.get('before');
	try {
		const [ea, watchdog, commands] = await Promise.all([
			readEaStatus(app, user.id, accountId.data),
			readWatchdog(app, user.id, accountId.data, before),
			readAccountCommands(app.db.pool, user.id, accountId.data, COMMANDS)
		]);
		return { accountId: accountId.data, ea, watchdog, commands, isOlder: before !== null };
	} catch (refusal) {
		// Another trader's account does not exist either.
		if (refusal instanceof AppError && refusal.code === 'NOT_FOUND')
			error(404, 'This account does not exist, or is not yours.');
		throw refusal;
	}
};
