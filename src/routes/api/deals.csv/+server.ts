import { dealFilterSchema } from '#lib/server/analytics/dealFilter.ts';
import { dealFile } from '#lib/server/analytics/dealRequests.ts';
import { api } from '#lib/server/http/api.ts';
import { requireUser } from '#lib/server/http/caller.ts';

export const GET = api(
	{
		tag: 'Analytics',
		summary: 'The deals of all accounts by time or by profit, all of them as a file',
		query: dealFilterSchema,
		answer: 'text/csv',
		refusals: ['NOT_FOUND']
	},
	async (event) => dealFile(event.locals.app, requireUser(event).id, event.url.searchParams)
);
