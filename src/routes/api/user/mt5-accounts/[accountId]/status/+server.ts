import { connectionStatusSchema } from '#lib/server/answers/accounts.ts';
import { json } from '@sveltejs/kit';
import { readConnection } from '#lib/server/connections/readConnections.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireCaller } from '#lib/server/http/caller.ts';

export const GET = api(
	{
		tag: 'Accounts',
		summary: 'The account’s connection, and its money as seen last',
		answer: connectionStatusSchema
	},
	async (event) => {
		const { userId } = requireCaller(event);
		const accountId = idParam(event.params.accountId, 'The account');
		return json(await readConnection(event.locals.app, userId, accountId), {
			headers: { 'cache-control': 'no-store' }
		});
	}
);
