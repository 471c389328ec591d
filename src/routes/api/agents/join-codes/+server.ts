import { joinCodeSchema } from '#lib/server/answers/operators.ts';
import { json } from '@sveltejs/kit';
import { createJoinCode } from '#lib/server/agents/joinCode.ts';
import { requireStepUp } from '#lib/server/auth/stepUp.ts';
import { api } from '#lib/server/http/api.ts';
import { requireOperator } from '#lib/server/http/caller.ts';

export const POST = api(
	{
		tag: 'Operators',
		summary: 'A one-time code with which an agent enrols',
		answer: joinCodeSchema,
		status: 201,
		refusals: ['STEP_UP_REQUIRED']
	},
	async (event) => {
		const operator = requireOperator(event);
		const { app } = event.locals;
		requireStepUp(app, operator, 'enrol_agent');
		return json(await createJoinCode(app.db, operator, app.now()), { status: 201 });
	}
);
