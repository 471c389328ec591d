import { json } from '@sveltejs/kit';
import { eaSettingsPatchSchema } from '#lib/domain/eaSettings.ts';
import { readDefaults, updateDefaults } from '#lib/server/accounts/traderDefaults.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';
import { readJson } from '#lib/server/http/readJson.ts';

export const GET = api(async (event) =>
	json(await readDefaults(event.locals.app, requireCaller(event).userId))
);

export const PATCH = api(async (event) => {
	const caller = requireCaller(event);
	return json(await updateDefaults(event.locals.app, caller, await readJson(event, eaSettingsPatchSchema)));
});
