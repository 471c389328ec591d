import { accountSchema } from '#lib/server/answers/accounts.ts';
import { json } from '@sveltejs/kit';
import { setConnection } from '#lib/server/accounts/setConnection.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireCaller } from '#lib/server/http/caller.ts';

export const POST = api(
	{
		tag: 'Accounts',
		summary: 'Disconnect and connect an account',
		answer: accountSchema,
		refusals: ['CONNECTION_REFUSED', 'ALGO_RUNNING']
	},
	async (event) => {
		const caller = requireCaller(event);
		const accountId = idParam(event.params.accountId, 'The account');
		return json(await setConnection(event.locals.app, caller, accountId, 'reconnect'));
	}
);
