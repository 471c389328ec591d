import { equitySchema } from '#lib/server/answers/analytics.ts';
import { analyticsQuerySchema } from '#lib/server/analytics/analyticsRequest.ts';
import { json } from '@sveltejs/kit';
import { readEquityCurves } from '#lib/server/analytics/equityCurve.ts';
import { api } from '#lib/server/http/api.ts';
import { requireUser } from '#lib/server/http/caller.ts';

export const GET = api(
	{
		tag: 'Analytics',
		summary: 'Balance and equity over the range, to be drawn; null where nothing was seen',
		query: analyticsQuerySchema,
		answer: equitySchema,
		refusals: ['NOT_FOUND']
	},
	async (event) =>
		json(await readEquityCurves(event.locals.app, requireUser(event).id, event.url.searchParams))
);
