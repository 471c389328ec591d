import { analyticsQuerySchema } from '#lib/server/analytics/analyticsRequest.ts';
import { aggregateSchema } from '#lib/server/answers/analytics.ts';
import { json } from '@sveltejs/kit';
import { readAggregate } from '#lib/server/analytics/analytics.ts';
import { api } from '#lib/server/http/api.ts';
import { requireUser } from '#lib/server/http/caller.ts';

export const GET = api(
	{
		tag: 'Analytics',
		summary: 'What the accounts did in a range of days: together per currency, and each',
		query: analyticsQuerySchema,
		answer: aggregateSchema,
		refusals: ['NOT_FOUND']
	},
	async (event) => json(await readAggregate(event.locals.app, requireUser(event).id, event.url.searchParams))
);
