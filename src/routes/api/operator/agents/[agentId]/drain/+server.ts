import { drainViewSchema } from '#lib/server/answers/operators.ts';
import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { drainMachine } from '#lib/server/moves/moveDeeds.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireOperator, requireUser } from '#lib/server/http/caller.ts';

const drainSchema = z.strictObject({ toAgentId: z.uuid(), isMachineGone: z.boolean().default(false) });

export const POST = api(
	{
		tag: 'Operators',
		summary: 'Move all accounts of one machine to another one',
		body: drainSchema,
		answer: drainViewSchema,
		status: 202,
		refusals: ['MOVE_REFUSED']
	},
	async (event, readBody) => {
		const operator = requireOperator(event);
		const agentId = idParam(event.params['agentId'], 'The agent');
		const deed = await readBody();
		return json(await drainMachine(event.locals.app, operator, requireUser(event).name, agentId, deed), {
			status: 202
		});
	}
);
