import { json } from '@sveltejs/kit';
import { preferencesPatchSchema, preferencesSchema } from '#lib/domain/preferences.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';
import { readPreferences, updatePreferences } from '#lib/server/preferences/preferences.ts';

export const GET = api(
	{ tag: 'Settings', summary: 'How the pages show things', answer: preferencesSchema },
	async (event) => json(await readPreferences(event.locals.app, requireCaller(event).userId))
);

export const PATCH = api(
	{
		tag: 'Settings',
		summary: 'Change how the pages show things',
		body: preferencesPatchSchema,
		answer: preferencesSchema
	},
	async (event, readBody) => {
		const { userId } = requireCaller(event);
		return json(await updatePreferences(event.locals.app, userId, await readBody()));
	}
);
