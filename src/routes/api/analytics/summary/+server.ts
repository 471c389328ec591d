import { json } from '@sveltejs/kit';
import { readSummary } from '#lib/server/analytics/analytics.ts';
import { api } from '#lib/server/http/api.ts';
import { requireUser } from '#lib/server/http/caller.ts';

/** The few figures of a range that a card shows. */
export const GET = api(async (event) =>
	json(await readSummary(event.locals.app, requireUser(event).id, event.url.searchParams))
);
