import { sealTargetSchema } from '#lib/server/answers/accounts.ts';
import { json } from '@sveltejs/kit';
import { uuidv7 } from 'uuidv7';
import { sealTarget } from '#lib/server/accounts/sealPassword.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';

export const GET = api(
	{
		tag: 'Accounts',
		summary: 'Whom the password of a new account is to be sealed to, and the id it then gets',
		answer: sealTargetSchema
	},
	async (event) => {
		const { userId } = requireCaller(event);
		const target = await sealTarget(event.locals.app, userId, { id: uuidv7(), isNew: true });
		return json({ target }, { headers: { 'cache-control': 'no-store' } });
	}
);
