import { json } from '@sveltejs/kit';
import { secondFactorSchema } from '#lib/server/auth/credentials.ts';
import { enableTotp } from '#lib/server/auth/secondFactor.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';
import { readJson } from '#lib/server/http/readJson.ts';

/** Switches the second factor on, and answers with the recovery codes. */
export const POST = api(async (event) => {
	const caller = requireCaller(event);
	const { code } = await readJson(event, secondFactorSchema);
	return json(await enableTotp(event.locals.app, caller, code, event.cookies), {
		headers: { 'cache-control': 'no-store' }
	});
});
