import { json } from '@sveltejs/kit';
import { readAggregate } from '#lib/server/analytics/analytics.ts';
import { api } from '#lib/server/http/api.ts';
import { requireUser } from '#lib/server/http/caller.ts';

/** What the accounts did in a range of days: together per currency, and each. */
export const GET = api(async (event) =>
	json(await readAggregate(event.locals.app, requireUser(event).id, event.url.searchParams))
);
