import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { agentNameSchema } from '#lib/domain/accountInput.ts';
import { renameAgent, setTakesAccounts } from '#lib/server/agents/standing.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireOperator } from '#lib/server/http/caller.ts';
import { readJson } from '#lib/server/http/readJson.ts';

const changeSchema = z
	.strictObject({
		name: z.string().trim().pipe(agentNameSchema),
		takesAccounts: z.boolean()
	})
	.partial()
	.refine((change) => Object.keys(change).length > 0, 'Say what to change: name or takesAccounts.');

export const PATCH = api(async (event) => {
	const operator = requireOperator(event);
	const agentId = idParam(event.params.agentId, 'The agent');
	const { db } = event.locals.app;
	const { name, takesAccounts } = await readJson(event, changeSchema);
	if (name !== undefined) await renameAgent(db, operator, agentId, name);
	if (takesAccounts !== undefined) await setTakesAccounts(db, operator, agentId, takesAccounts);
	return json({
		id: agentId,
		...(name === undefined ? {} : { name }),
		...(takesAccounts === undefined ? {} : { takesAccounts })
	});
});
