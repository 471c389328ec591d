import { eaStatusSchema } from '#lib/server/answers/accounts.ts';
import { json } from '@sveltejs/kit';
import { readEaStatus } from '#lib/server/accounts/readAccountViews.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireCaller } from '#lib/server/http/caller.ts';

export const GET = api(
	{
		tag: 'Accounts',
		summary: 'What is known of the account’s EA',
		answer: eaStatusSchema
	},
	async (event) => {
		const { userId } = requireCaller(event);
		return json(await readEaStatus(event.locals.app, userId, idParam(event.params.accountId, 'The account')));
	}
);
