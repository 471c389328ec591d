import { dealFile } from '#lib/server/analytics/dealRequests.ts';
import { api } from '#lib/server/http/api.ts';
import { requireUser } from '#lib/server/http/caller.ts';

/** The deals of all accounts by their time, all of them as a file. */
export const GET = api(async (event) =>
	dealFile(event.locals.app, requireUser(event).id, event.url.searchParams)
);
