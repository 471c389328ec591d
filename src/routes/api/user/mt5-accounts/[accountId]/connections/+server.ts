import { z } from 'zod';
import { connectionHistorySchema } from '#lib/server/answers/accounts.ts';
import { json } from '@sveltejs/kit';
import { readConnections } from '#lib/server/connections/readConnections.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireCaller } from '#lib/server/http/caller.ts';

export const GET = api(
	{
		tag: 'Accounts',
		summary: 'How the account’s connection changed, newest first',
		query: z.object({ before: z.string().optional() }),
		answer: connectionHistorySchema
	},
	async (event) => {
		const { userId } = requireCaller(event);
		const accountId = idParam(event.params.accountId, 'The account');
		const before = event.url.searchParams.get('before');
		return json(await readConnections(event.locals.app, userId, accountId, before), {
			headers: { 'cache-control': 'no-store' }
		});
	}
);
