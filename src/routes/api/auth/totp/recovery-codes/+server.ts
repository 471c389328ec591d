import { json } from '@sveltejs/kit';
import { renewRecoveryCodes } from '#lib/server/auth/secondFactor.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';

/** New codes; the old ones are worth nothing from then on. */
export const POST = api(async (event) =>
	json(await renewRecoveryCodes(event.locals.app, requireCaller(event)), {
		headers: { 'cache-control': 'no-store' }
	})
);
