import { json } from '@sveltejs/kit';
import { createJoinCode } from '#lib/server/agents/joinCode.ts';
import { api } from '#lib/server/http/api.ts';
import { requireOperator } from '#lib/server/http/caller.ts';

export const POST = api(async (event) => {
	const caller = requireOperator(event);
	return json(await createJoinCode(event.locals.app, caller), { status: 201 });
});
