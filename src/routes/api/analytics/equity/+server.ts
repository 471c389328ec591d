import { json } from '@sveltejs/kit';
import { readEquityCurves } from '#lib/server/analytics/equityCurve.ts';
import { api } from '#lib/server/http/api.ts';
import { requireUser } from '#lib/server/http/caller.ts';

/** Balance and equity over the range, to be drawn. */
export const GET = api(async (event) =>
	json(await readEquityCurves(event.locals.app, requireUser(event).id, event.url.searchParams))
);
