import { accountSchema } from '#lib/server/answers/accounts.ts';
import { json } from '@sveltejs/kit';
import { updateAccountSchema } from '#lib/server/accounts/accountInput.ts';
import { deleteAccount } from '#lib/server/accounts/deleteAccount.ts';
import { requireAccountView } from '#lib/server/accounts/readAccountViews.ts';
import { updateAccount } from '#lib/server/accounts/updateAccount.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireCaller } from '#lib/server/http/caller.ts';

export const GET = api(
	{
		tag: 'Accounts',
		summary: 'One account, as it was seen last',
		answer: accountSchema
	},
	async (event) => {
		const { userId } = requireCaller(event);
		return json(
			await requireAccountView(event.locals.app, userId, idParam(event.params.accountId, 'The account'))
		);
	}
);

export const PATCH = api(
	{
		tag: 'Accounts',
		summary: 'Change an account; what is left out stays',
		body: updateAccountSchema,
		answer: accountSchema,
		refusals: ['ALGO_RUNNING', 'AGENT_CHANGED', 'STEP_UP_REQUIRED']
	},
	async (event, readBody) => {
		const caller = requireCaller(event);
		const accountId = idParam(event.params.accountId, 'The account');
		const input = await readBody();
		return json(await updateAccount(event.locals.app, caller, accountId, input));
	}
);

export const DELETE = api(
	{
		tag: 'Accounts',
		summary: 'Delete an account',
		details: 'Refused while its algo runs, or is not seen to stand still.',
		answer: null,
		refusals: ['ALGO_RUNNING']
	},
	async (event) => {
		await deleteAccount(
			event.locals.app,
			requireCaller(event),
			idParam(event.params.accountId, 'The account')
		);
		return new Response(null, { status: 204 });
	}
);
