import { systemFile } from '#lib/server/audit/logRequests.ts';
import { api } from '#lib/server/http/api.ts';
import { requireUser } from '#lib/server/http/caller.ts';

/** What agents reported, newest first, all of it as a file. */
export const GET = api(async (event) =>
	systemFile(event.locals.app, requireUser(event), event.url.searchParams)
);
