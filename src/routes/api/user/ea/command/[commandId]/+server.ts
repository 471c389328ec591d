import { json } from '@sveltejs/kit';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireCaller } from '#lib/server/http/caller.ts';

export const GET = api(async (event) => {
	const { userId } = requireCaller(event);
	return json(await event.locals.app.commands.read(userId, idParam(event.params.commandId, 'The command')));
});
