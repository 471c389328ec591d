import { json } from '@sveltejs/kit';
import { dealPage } from '#lib/server/analytics/dealRequests.ts';
import { api } from '#lib/server/http/api.ts';
import { requireUser } from '#lib/server/http/caller.ts';

/** The deals of all accounts by their time, a page at a time. */
export const GET = api(async (event) =>
	json(await dealPage(event.locals.app, requireUser(event).id, event.url.searchParams))
);
