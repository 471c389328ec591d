import { json } from '@sveltejs/kit';
import { createAccountSchema } from '#lib/server/accounts/accountInput.ts';
import { createAccount } from '#lib/server/accounts/createAccount.ts';
import { readAccountList } from '#lib/server/accounts/readAccountViews.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';
import { readJson } from '#lib/server/http/readJson.ts';

export const GET = api(async (event) => {
	const { userId } = requireCaller(event);
	return json(await readAccountList(event.locals.app, userId), { headers: { 'cache-control': 'no-store' } });
});

export const POST = api(async (event) => {
	const caller = requireCaller(event);
	const account = await createAccount(event.locals.app, caller, await readJson(event, createAccountSchema));
	return json(account, { status: 201 });
});
