import { json } from '@sveltejs/kit';
import { loginSchema } from '#lib/server/auth/credentials.ts';
import { checkCredentials } from '#lib/server/auth/signIn.ts';
import { api } from '#lib/server/http/api.ts';
import { originOf } from '#lib/server/http/caller.ts';
import { readJson } from '#lib/server/http/readJson.ts';

export const POST = api(async (event) => {
	const { app } = event.locals;
	const origin = originOf(event);
	const user = await checkCredentials(app, await readJson(event, loginSchema), origin);
	await app.sessions.create(user.id, origin, event.cookies);
	return json({ user });
});
