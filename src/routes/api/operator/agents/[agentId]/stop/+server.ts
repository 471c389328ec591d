import { json } from '@sveltejs/kit';
import { stopMachine } from '#lib/server/commands/stopMachine.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireOperator, requireUser } from '#lib/server/http/caller.ts';

/** The operator's kill switch: Stop on every account of one machine, whoever owns it. Closes nothing. */
export const POST = api(async (event) => {
	const operator = requireOperator(event);
	const agentId = idParam(event.params['agentId'], 'The agent');
	return json(await stopMachine(event.locals.app, operator, requireUser(event).name, agentId));
});
