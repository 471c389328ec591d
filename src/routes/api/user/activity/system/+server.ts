import { systemPageSchema } from '#lib/server/answers/analytics.ts';
import { systemFilterSchema } from '#lib/server/audit/logFilter.ts';
import { json } from '@sveltejs/kit';
import { systemPage } from '#lib/server/audit/logRequests.ts';
import { api } from '#lib/server/http/api.ts';
import { requireUser } from '#lib/server/http/caller.ts';

export const GET = api(
	{
		tag: 'Activity',
		summary: 'What agents reported, newest first, a page at a time',
		query: systemFilterSchema,
		answer: systemPageSchema
	},
	async (event) => json(await systemPage(event.locals.app, requireUser(event), event.url.searchParams))
);
