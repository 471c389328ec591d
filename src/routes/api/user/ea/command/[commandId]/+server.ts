import { commandSchema } from '#lib/server/answers/commands.ts';
import { json } from '@sveltejs/kit';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireCaller } from '#lib/server/http/caller.ts';

export const GET = api(
	{
		tag: 'Commands',
		summary: 'A command and what came of it on each account',
		answer: commandSchema
	},
	async (event) => {
		const { userId } = requireCaller(event);
		return json(await event.locals.app.commands.read(userId, idParam(event.params.commandId, 'The command')));
	}
);
