import { sealTargetSchema } from '#lib/server/answers/accounts.ts';
import { json } from '@sveltejs/kit';
import { requireAccountView } from '#lib/server/accounts/readAccountViews.ts';
import { sealTarget } from '#lib/server/accounts/sealPassword.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireCaller } from '#lib/server/http/caller.ts';

export const GET = api(
	{
		tag: 'Accounts',
		summary: 'Whom a new password of this account is to be sealed to',
		answer: sealTargetSchema
	},
	async (event) => {
		const { userId } = requireCaller(event);
		const { app } = event.locals;
		const { id } = await requireAccountView(app, userId, idParam(event.params.accountId, 'The account'));
		const target = await sealTarget(app, userId, { id, isNew: false });
		return json({ target }, { headers: { 'cache-control': 'no-store' } });
	}
);
