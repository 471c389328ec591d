import { dealPageSchema } from '#lib/server/answers/analytics.ts';
import { dealFilterSchema } from '#lib/server/analytics/dealFilter.ts';
import { json } from '@sveltejs/kit';
import { dealPage } from '#lib/server/analytics/dealRequests.ts';
import { api } from '#lib/server/http/api.ts';
import { requireUser } from '#lib/server/http/caller.ts';

export const GET = api(
	{
		tag: 'Analytics',
		summary: 'The deals of all accounts by time or by profit, a page at a time',
		query: dealFilterSchema,
		answer: dealPageSchema,
		refusals: ['NOT_FOUND']
	},
	async (event) => json(await dealPage(event.locals.app, requireUser(event).id, event.url.searchParams))
);
