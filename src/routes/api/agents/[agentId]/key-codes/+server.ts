import { joinCodeSchema } from '#lib/server/answers/operators.ts';
import { json } from '@sveltejs/kit';
import { createJoinCode } from '#lib/server/agents/joinCode.ts';
import { requireStepUp } from '#lib/server/auth/stepUp.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireOperator } from '#lib/server/http/caller.ts';

export const POST = api(
	{
		tag: 'Operators',
		summary: 'A one-time code with which this agent may change its keys',
		details: 'Whatever became of the old ones.',
		answer: joinCodeSchema,
		status: 201,
		refusals: ['STEP_UP_REQUIRED']
	},
	async (event) => {
		const operator = requireOperator(event);
		const { app } = event.locals;
		requireStepUp(app, operator, 'enrol_agent');
		const agentId = idParam(event.params.agentId, 'The agent');
		return json(await createJoinCode(app.db, operator, app.now(), agentId), { status: 201 });
	}
);
