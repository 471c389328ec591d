import { accountSchema } from '#lib/server/answers/accounts.ts';
import { json } from '@sveltejs/kit';
import { toggleSchema } from '#lib/server/accounts/accountInput.ts';
import { toggleAccount } from '#lib/server/accounts/toggleAccount.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireCaller } from '#lib/server/http/caller.ts';

export const PATCH = api(
	{
		tag: 'Accounts',
		summary: 'Switch an account on or off for trading',
		details: 'Without `enabled` it is turned over. Five at most are on.',
		body: toggleSchema,
		answer: accountSchema,
		refusals: ['ENABLED_LIMIT', 'ACCOUNT_NOT_ACTIVE', 'ALGO_RUNNING']
	},
	async (event, readBody) => {
		const caller = requireCaller(event);
		const accountId = idParam(event.params.accountId, 'The account');
		const { enabled } = await readBody();
		return json(await toggleAccount(event.locals.app, caller, accountId, enabled));
	}
);
