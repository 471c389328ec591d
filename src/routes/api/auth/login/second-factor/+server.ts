import { json } from '@sveltejs/kit';
import { secondFactorSchema } from '#lib/server/auth/credentials.ts';
import { giveSecondFactor } from '#lib/server/auth/signIn.ts';
import { api } from '#lib/server/http/api.ts';
import { originOf } from '#lib/server/http/caller.ts';
import { readJson } from '#lib/server/http/readJson.ts';

export const POST = api(async (event) => {
	const { code } = await readJson(event, secondFactorSchema);
	return json({ user: await giveSecondFactor(event.locals.app, code, originOf(event), event.cookies) });
});
