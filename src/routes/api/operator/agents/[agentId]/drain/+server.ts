import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { drainMachine } from '#lib/server/moves/moveDeeds.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireOperator, requireUser } from '#lib/server/http/caller.ts';
import { readJson } from '#lib/server/http/readJson.ts';

const drainSchema = z.strictObject({ toAgentId: z.uuid(), isMachineGone: z.boolean().default(false) });

/** Moves all accounts of one machine to another one. */
export const POST = api(async (event) => {
	const operator = requireOperator(event);
	const agentId = idParam(event.params['agentId'], 'The agent');
	const deed = await readJson(event, drainSchema);
	return json(await drainMachine(event.locals.app, operator, requireUser(event).name, agentId, deed), {
		status: 202
	});
});
