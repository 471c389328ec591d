import { json } from '@sveltejs/kit';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';
import { readOpenBook } from '#lib/server/live/openItemsView.ts';

export const GET = api(async (event) => {
	const { userId } = requireCaller(event);
	return json(await readOpenBook(event.locals.app, userId), { headers: { 'cache-control': 'no-store' } });
});
