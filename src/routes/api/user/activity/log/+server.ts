import { json } from '@sveltejs/kit';
import { auditPage } from '#lib/server/audit/logRequests.ts';
import { api } from '#lib/server/http/api.ts';
import { requireUser } from '#lib/server/http/caller.ts';

/** Who did what, newest first, a page at a time. */
export const GET = api(async (event) =>
	json(await auditPage(event.locals.app, requireUser(event), event.url.searchParams))
);
