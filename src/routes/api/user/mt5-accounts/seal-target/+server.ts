import { json } from '@sveltejs/kit';
import { uuidv7 } from 'uuidv7';
import { sealTarget } from '#lib/server/accounts/sealPassword.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';

/** Whom the password of a new account is to be sealed to, and the id that the account then gets. */
export const GET = api(async (event) => {
	const { userId } = requireCaller(event);
	const target = await sealTarget(event.locals.app, userId, { id: uuidv7(), isNew: true });
	return json({ target }, { headers: { 'cache-control': 'no-store' } });
});
