import { json } from '@sveltejs/kit';
import { createJoinCode } from '#lib/server/agents/joinCode.ts';
import { requireStepUp } from '#lib/server/auth/stepUp.ts';
import { api } from '#lib/server/http/api.ts';
import { requireOperator } from '#lib/server/http/caller.ts';

export const POST = api(async (event) => {
	const operator = requireOperator(event);
	const { app } = event.locals;
	requireStepUp(app, operator, 'enrol_agent');
	return json(await createJoinCode(app.db, operator, app.now()), { status: 201 });
});
