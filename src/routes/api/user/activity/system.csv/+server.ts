import { systemFilterSchema } from '#lib/server/audit/logFilter.ts';
import { systemFile } from '#lib/server/audit/logRequests.ts';
import { api } from '#lib/server/http/api.ts';
import { requireUser } from '#lib/server/http/caller.ts';

export const GET = api(
	{
		tag: 'Activity',
		summary: 'What agents reported, newest first, all of it as a file',
		query: systemFilterSchema,
		answer: 'text/csv'
	},
	async (event) => systemFile(event.locals.app, requireUser(event), event.url.searchParams)
);
