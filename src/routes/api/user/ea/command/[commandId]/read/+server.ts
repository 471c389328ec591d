import { putAway } from '#lib/server/commands/putAway.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireCaller } from '#lib/server/http/caller.ts';

export const POST = api(
	{
		tag: 'Commands',
		summary: 'Say that the result list was read',
		answer: null
	},
	async (event) => {
		const { userId } = requireCaller(event);
		await putAway(event.locals.app, userId, idParam(event.params.commandId, 'The command'));
		return new Response(null, { status: 204 });
	}
);
