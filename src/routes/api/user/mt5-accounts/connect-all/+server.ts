import { json } from '@sveltejs/kit';
import { setConnectionOfAll } from '#lib/server/accounts/setConnection.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';

/** Every active account, each with what came of it. */
export const POST = api(async (event) =>
	json(await setConnectionOfAll(event.locals.app, requireCaller(event), 'connect'))
);
