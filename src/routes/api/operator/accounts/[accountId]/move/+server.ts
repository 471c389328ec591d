import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { cancelMove, moveAccount } from '#lib/server/moves/moveDeeds.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireOperator, requireUser } from '#lib/server/http/caller.ts';
import { readJson } from '#lib/server/http/readJson.ts';

const moveSchema = z.strictObject({ toAgentId: z.uuid(), isMachineGone: z.boolean().default(false) });

/** Moves an account to another machine, whoever owns it. */
export const POST = api(async (event) => {
	const operator = requireOperator(event);
	const accountId = idParam(event.params['accountId'], 'The account');
	const deed = await readJson(event, moveSchema);
	await moveAccount(event.locals.app, operator, requireUser(event).name, accountId, deed);
	return json({ accountId }, { status: 202 });
});

/** Gives a move up that is under way. */
export const DELETE = api(async (event) => {
	const operator = requireOperator(event);
	const accountId = idParam(event.params['accountId'], 'The account');
	await cancelMove(event.locals.app, operator, requireUser(event).name, accountId);
	return json({ accountId });
});
