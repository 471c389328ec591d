import { json } from '@sveltejs/kit';
import { loginSchema } from '#lib/server/auth/credentials.ts';
import { signIn } from '#lib/server/auth/signIn.ts';
import { api } from '#lib/server/http/api.ts';
import { originOf } from '#lib/server/http/caller.ts';
import { readJson } from '#lib/server/http/readJson.ts';

/** `{user}`, or `{isSecondFactorRequired: true}` for those who have one and did not send its code along. */
export const POST = api(async (event) => {
	const input = await readJson(event, loginSchema);
	return json(await signIn(event.locals.app, input, originOf(event), event.cookies));
});
