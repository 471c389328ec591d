import { json } from '@sveltejs/kit';
import { updateAccountSchema } from '#lib/server/accounts/accountInput.ts';
import { deleteAccount } from '#lib/server/accounts/deleteAccount.ts';
import { requireAccountView } from '#lib/server/accounts/readAccountViews.ts';
import { updateAccount } from '#lib/server/accounts/updateAccount.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireCaller } from '#lib/server/http/caller.ts';
import { readJson } from '#lib/server/http/readJson.ts';

export const GET = api(async (event) => {
	const { userId } = requireCaller(event);
	return json(
		await requireAccountView(event.locals.app, userId, idParam(event.params.accountId, 'The account'))
	);
});

export const PATCH = api(async (event) => {
	const caller = requireCaller(event);
	const accountId = idParam(event.params.accountId, 'The account');
	const input = await readJson(event, updateAccountSchema);
	return json(await updateAccount(event.locals.app, caller, accountId, input));
});

export const DELETE = api(async (event) => {
	await deleteAccount(event.locals.app, requireCaller(event), idParam(event.params.accountId, 'The account'));
	return new Response(null, { status: 204 });
});
