import { connectionDeedSchema } from '#lib/server/answers/accounts.ts';
import { json } from '@sveltejs/kit';
import { setConnectionOfAll } from '#lib/server/accounts/setConnection.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';

export const POST = api(
	{
		tag: 'Accounts',
		summary: 'Connect every active account, each with what came of it',
		answer: connectionDeedSchema
	},
	async (event) => json(await setConnectionOfAll(event.locals.app, requireCaller(event), 'connect'))
);
