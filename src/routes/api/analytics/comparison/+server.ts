import { json } from '@sveltejs/kit';
import { readComparison } from '#lib/server/analytics/analytics.ts';
import { api } from '#lib/server/http/api.ts';
import { requireUser } from '#lib/server/http/caller.ts';

/** The accounts beside each other, each as growth from the start of the range. */
export const GET = api(async (event) =>
	json(await readComparison(event.locals.app, requireUser(event).id, event.url.searchParams))
);
