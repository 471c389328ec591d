import { auditFilterSchema } from '#lib/server/audit/logFilter.ts';
import { auditFile } from '#lib/server/audit/logRequests.ts';
import { api } from '#lib/server/http/api.ts';
import { requireUser } from '#lib/server/http/caller.ts';

export const GET = api(
	{
		tag: 'Activity',
		summary: 'Who did what, newest first, all of it as a file',
		query: auditFilterSchema,
		answer: 'text/csv'
	},
	async (event) => auditFile(event.locals.app, requireUser(event), event.url.searchParams)
);
