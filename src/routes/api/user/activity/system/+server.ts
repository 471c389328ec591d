import { json } from '@sveltejs/kit';
import { systemPage } from '#lib/server/audit/logRequests.ts';
import { api } from '#lib/server/http/api.ts';
import { requireUser } from '#lib/server/http/caller.ts';

/** What agents reported, newest first, a page at a time. */
export const GET = api(async (event) =>
	json(await systemPage(event.locals.app, requireUser(event), event.url.searchParams))
);
