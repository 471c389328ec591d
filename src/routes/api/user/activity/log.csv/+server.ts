import { auditFile } from '#lib/server/audit/logRequests.ts';
import { api } from '#lib/server/http/api.ts';
import { requireUser } from '#lib/server/http/caller.ts';

/** Who did what, newest first, all of it as a file. */
export const GET = api(async (event) =>
	auditFile(event.locals.app, requireUser(event), event.url.searchParams)
);
