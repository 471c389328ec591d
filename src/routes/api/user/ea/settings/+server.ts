import { traderDefaultsSchema } from '#lib/server/answers/accounts.ts';
import { json } from '@sveltejs/kit';
import { eaSettingsPatchSchema } from '#lib/domain/eaSettings.ts';
import { readDefaults, updateDefaults } from '#lib/server/accounts/traderDefaults.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';

export const GET = api(
	{
		tag: 'Settings',
		summary: 'What a Start carries, unless an account says otherwise',
		answer: traderDefaultsSchema
	},
	async (event) => json(await readDefaults(event.locals.app, requireCaller(event).userId))
);

export const PATCH = api(
	{
		tag: 'Settings',
		summary: 'Change what a Start carries',
		body: eaSettingsPatchSchema,
		answer: traderDefaultsSchema
	},
	async (event, readBody) => {
		const caller = requireCaller(event);
		return json(await updateDefaults(event.locals.app, caller, await readBody()));
	}
);
