import { json } from '@sveltejs/kit';
import { openBookSchema } from '#lib/server/answers/positions.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';
import { readOpenBook } from '#lib/server/live/openItemsView.ts';

export const GET = api(
	{
		tag: 'Live',
		summary: 'Open positions and pending orders of all accounts',
		details:
			'As they were seen last; `seenAt` of the account says when. The event stream tells what changes.',
		answer: openBookSchema
	},
	async (event) => {
		const { userId } = requireCaller(event);
		return json(await readOpenBook(event.locals.app, userId), { headers: { 'cache-control': 'no-store' } });
	}
);
