import { confirmIdentity } from '#lib/server/auth/confirmIdentity.ts';
import { confirmationSchema } from '#lib/server/auth/credentials.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';
import { readJson } from '#lib/server/http/readJson.ts';

/** Password or code once more, for what answered STEP_UP_REQUIRED. */
export const POST = api(async (event) => {
	const caller = requireCaller(event);
	await confirmIdentity(event.locals.app, caller, await readJson(event, confirmationSchema));
	return new Response(null, { status: 204 });
});
