import { z } from 'zod';
import { json } from '@sveltejs/kit';
import { orderNewKeys } from '#lib/server/agents/newKeys.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireOperator } from '#lib/server/http/caller.ts';

export const POST = api(
	{
		tag: 'Operators',
		summary: 'Have the agent change its keys, now or as soon as it is back',
		answer: z.strictObject({ id: z.uuid(), isOrdered: z.literal(true) }),
		status: 202,
		refusals: ['AGENT_STANDING']
	},
	async (event) => {
		const operator = requireOperator(event);
		const { app } = event.locals;
		const agentId = idParam(event.params.agentId, 'The agent');
		await orderNewKeys(app.db, operator, agentId);
		await app.agentChanged(agentId);
		return json({ id: agentId, isOrdered: true }, { status: 202 });
	}
);
