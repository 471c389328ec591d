import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { approveAgent } from '#lib/server/agents/standing.ts';
import { requireStepUp } from '#lib/server/auth/stepUp.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireOperator } from '#lib/server/http/caller.ts';
import { readJson } from '#lib/server/http/readJson.ts';

const approveSchema = z.strictObject({ fingerprint: z.string().min(1).max(100) });

export const POST = api(async (event) => {
	const operator = requireOperator(event);
	const { app } = event.locals;
	requireStepUp(app, operator, 'enrol_agent');
	const agentId = idParam(event.params.agentId, 'The agent');
	const { fingerprint } = await readJson(event, approveSchema);
	await approveAgent(app.db, operator, agentId, fingerprint);
	await app.agentChanged(agentId);
	return json({ id: agentId, standing: 'approved' });
});
