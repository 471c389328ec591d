import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { agentNameSchema } from '#lib/domain/accountInput.ts';
import { renameAgent, setTakesAccounts } from '#lib/server/agents/standing.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireOperator } from '#lib/server/http/caller.ts';

const changeSchema = z
	.strictObject({
		name: z.string().trim().pipe(agentNameSchema),
		takesAccounts: z.boolean()
	})
	.partial()
	.refine((change) => Object.keys(change).length > 0, 'Say what to change: name or takesAccounts.');

export const PATCH = api(
	{
		tag: 'Operators',
		summary: 'Rename an agent, or say whether it gets new accounts',
		body: changeSchema,
		answer: z.object({ id: z.uuid(), name: z.string().optional(), takesAccounts: z.boolean().optional() })
	},
	async (event, readBody) => {
		const operator = requireOperator(event);
		const agentId = idParam(event.params.agentId, 'The agent');
		const { db } = event.locals.app;
		const { name, takesAccounts } = await readBody();
		if (name !== undefined) await renameAgent(db, operator, agentId, name);
		if (takesAccounts !== undefined) await setTakesAccounts(db, operator, agentId, takesAccounts);
		return json({
			id: agentId,
			...(name === undefined ? {} : { name }),
			...(takesAccounts === undefined ? {} : { takesAccounts })
		});
	}
);
