import { putAway } from '#lib/server/commands/putAway.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireCaller } from '#lib/server/http/caller.ts';

/** The trader has read the result list. */
export const POST = api(async (event) => {
	const { userId } = requireCaller(event);
	await putAway(event.locals.app, userId, idParam(event.params.commandId, 'The command'));
	return new Response(null, { status: 204 });
});
