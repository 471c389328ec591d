import { json } from '@sveltejs/kit';
import { preferencesPatchSchema } from '#lib/domain/preferences.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';
import { readJson } from '#lib/server/http/readJson.ts';
import { readPreferences, updatePreferences } from '#lib/server/preferences/preferences.ts';

export const GET = api(async (event) =>
	json(await readPreferences(event.locals.app, requireCaller(event).userId))
);

export const PATCH = api(async (event) => {
	const { userId } = requireCaller(event);
	const patch = await readJson(event, preferencesPatchSchema);
	return json(await updatePreferences(event.locals.app, userId, patch));
});
