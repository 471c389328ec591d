import { machineStopSchema } from '#lib/server/answers/operators.ts';
import { json } from '@sveltejs/kit';
import { stopMachine } from '#lib/server/commands/stopMachine.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireOperator, requireUser } from '#lib/server/http/caller.ts';

export const POST = api(
	{
		tag: 'Operators',
		summary: 'Stop every account of one machine, whoever owns it',
		details: 'The operator’s kill switch. Closes no position.',
		answer: machineStopSchema
	},
	async (event) => {
		const operator = requireOperator(event);
		const agentId = idParam(event.params['agentId'], 'The agent');
		return json(await stopMachine(event.locals.app, operator, requireUser(event).name, agentId));
	}
);
