import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { renameAgent } from '#lib/server/agents/standing.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireOperator } from '#lib/server/http/caller.ts';
import { readJson } from '#lib/server/http/readJson.ts';

const renameSchema = z.strictObject({ name: z.string().trim().min(1, 'The agent needs a name.').max(60) });

export const PATCH = api(async (event) => {
	const operator = requireOperator(event);
	const agentId = idParam(event.params.agentId, 'The agent');
	const { name } = await readJson(event, renameSchema);
	await renameAgent(event.locals.app.db, operator, agentId, name);
	return json({ id: agentId, name });
});
