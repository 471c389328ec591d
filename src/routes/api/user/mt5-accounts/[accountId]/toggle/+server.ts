import { json } from '@sveltejs/kit';
import { toggleSchema } from '#lib/server/accounts/accountInput.ts';
import { toggleAccount } from '#lib/server/accounts/toggleAccount.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireCaller } from '#lib/server/http/caller.ts';
import { readJson } from '#lib/server/http/readJson.ts';

export const PATCH = api(async (event) => {
	const caller = requireCaller(event);
	const accountId = idParam(event.params.accountId, 'The account');
	const { enabled } = await readJson(event, toggleSchema);
	return json(await toggleAccount(event.locals.app, caller, accountId, enabled));
});
