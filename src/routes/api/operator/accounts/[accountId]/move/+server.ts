import { movedAccountSchema } from '#lib/server/answers/operators.ts';
import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { cancelMove, moveAccount } from '#lib/server/moves/moveDeeds.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireOperator, requireUser } from '#lib/server/http/caller.ts';

const moveSchema = z.strictObject({ toAgentId: z.uuid(), isMachineGone: z.boolean().default(false) });

export const POST = api(
	{
		tag: 'Operators',
		summary: 'Move an account to another machine, whoever owns it',
		body: moveSchema,
		answer: movedAccountSchema,
		status: 202,
		refusals: ['MOVE_REFUSED']
	},
	async (event, readBody) => {
		const operator = requireOperator(event);
		const accountId = idParam(event.params['accountId'], 'The account');
		const deed = await readBody();
		await moveAccount(event.locals.app, operator, requireUser(event).name, accountId, deed);
		return json({ accountId }, { status: 202 });
	}
);

export const DELETE = api(
	{
		tag: 'Operators',
		summary: 'Give a move up that is under way',
		answer: movedAccountSchema,
		refusals: ['MOVE_REFUSED']
	},
	async (event) => {
		const operator = requireOperator(event);
		const accountId = idParam(event.params['accountId'], 'The account');
		await cancelMove(event.locals.app, operator, requireUser(event).name, accountId);
		return json({ accountId });
	}
);
