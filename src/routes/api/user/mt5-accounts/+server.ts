import { accountListSchema, accountSchema } from '#lib/server/answers/accounts.ts';
import { json } from '@sveltejs/kit';
import { createAccountSchema } from '#lib/server/accounts/accountInput.ts';
import { createAccount } from '#lib/server/accounts/createAccount.ts';
import { readAccountList } from '#lib/server/accounts/readAccountViews.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';

export const GET = api(
	{
		tag: 'Accounts',
		summary: 'All accounts, as they were seen last',
		answer: accountListSchema
	},
	async (event) => {
		const { userId } = requireCaller(event);
		return json(await readAccountList(event.locals.app, userId), {
			headers: { 'cache-control': 'no-store' }
		});
	}
);

export const POST = api(
	{
		tag: 'Accounts',
		summary: 'Add an account',
		details:
			'Give the password either as it is, or sealed in the browser for the agent that `seal-target` names.',
		body: createAccountSchema,
		answer: accountSchema,
		status: 201,
		refusals: ['ACCOUNT_EXISTS', 'AGENT_CHANGED']
	},
	async (event, readBody) => {
		const caller = requireCaller(event);
		const account = await createAccount(event.locals.app, caller, await readBody());
		return json(account, { status: 201 });
	}
);
