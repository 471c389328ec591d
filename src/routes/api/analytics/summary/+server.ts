import { summarySchema } from '#lib/server/answers/analytics.ts';
import { analyticsQuerySchema } from '#lib/server/analytics/analyticsRequest.ts';
import { json } from '@sveltejs/kit';
import { readSummary } from '#lib/server/analytics/analytics.ts';
import { api } from '#lib/server/http/api.ts';
import { requireUser } from '#lib/server/http/caller.ts';

export const GET = api(
	{
		tag: 'Analytics',
		summary: 'The few figures of a range that a card shows',
		query: analyticsQuerySchema,
		answer: summarySchema,
		refusals: ['NOT_FOUND']
	},
	async (event) => json(await readSummary(event.locals.app, requireUser(event).id, event.url.searchParams))
);
