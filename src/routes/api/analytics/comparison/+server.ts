import { comparisonSchema } from '#lib/server/answers/analytics.ts';
import { analyticsQuerySchema } from '#lib/server/analytics/analyticsRequest.ts';
import { json } from '@sveltejs/kit';
import { readComparison } from '#lib/server/analytics/analytics.ts';
import { api } from '#lib/server/http/api.ts';
import { requireUser } from '#lib/server/http/caller.ts';

export const GET = api(
	{
		tag: 'Analytics',
		summary: 'The accounts beside each other, each as growth from the start of the range',
		query: analyticsQuerySchema,
		answer: comparisonSchema,
		refusals: ['NOT_FOUND']
	},
	async (event) => json(await readComparison(event.locals.app, requireUser(event).id, event.url.searchParams))
);
