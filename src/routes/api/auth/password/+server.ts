import { json } from '@sveltejs/kit';
import { changePassword } from '#lib/server/auth/changePassword.ts';
import { passwordChangeSchema } from '#lib/server/auth/credentials.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';
import { readJson } from '#lib/server/http/readJson.ts';

export const POST = api(async (event) => {
	const caller = requireCaller(event);
	const input = await readJson(event, passwordChangeSchema);
	return json(await changePassword(event.locals.app, caller, input, event.cookies));
});
