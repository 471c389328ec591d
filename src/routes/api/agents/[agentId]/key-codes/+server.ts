import { json } from '@sveltejs/kit';
import { createJoinCode } from '#lib/server/agents/joinCode.ts';
import { requireStepUp } from '#lib/server/auth/stepUp.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireOperator } from '#lib/server/http/caller.ts';

/** A one-time code with which this agent may change its keys, whatever became of the old ones. */
export const POST = api(async (event) => {
	const operator = requireOperator(event);
	const { app } = event.locals;
	requireStepUp(app, operator, 'enrol_agent');
	const agentId = idParam(event.params.agentId, 'The agent');
	return json(await createJoinCode(app.db, operator, app.now(), agentId), { status: 201 });
});
