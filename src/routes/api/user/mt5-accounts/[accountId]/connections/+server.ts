import { json } from '@sveltejs/kit';
import { readConnections } from '#lib/server/connections/readConnections.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireCaller } from '#lib/server/http/caller.ts';

/** How the account's connection changed: newest first, older ones with `?before=<nextCursor>`. */
export const GET = api(async (event) => {
	const { userId } = requireCaller(event);
	const accountId = idParam(event.params.accountId, 'The account');
	const before = event.url.searchParams.get('before');
	return json(await readConnections(event.locals.app, userId, accountId, before), {
		headers: { 'cache-control': 'no-store' }
	});
});
