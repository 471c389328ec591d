import { auditPageSchema } from '#lib/server/answers/analytics.ts';
import { auditFilterSchema } from '#lib/server/audit/logFilter.ts';
import { json } from '@sveltejs/kit';
import { auditPage } from '#lib/server/audit/logRequests.ts';
import { api } from '#lib/server/http/api.ts';
import { requireUser } from '#lib/server/http/caller.ts';

export const GET = api(
	{
		tag: 'Activity',
		summary: 'Who did what, newest first, a page at a time',
		query: auditFilterSchema,
		answer: auditPageSchema
	},
	async (event) => json(await auditPage(event.locals.app, requireUser(event), event.url.searchParams))
);
