import { agentStandingSchema } from '#lib/server/answers/operators.ts';
import { json } from '@sveltejs/kit';
import { revokeAgent } from '#lib/server/agents/standing.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireOperator } from '#lib/server/http/caller.ts';

export const POST = api(
	{
		tag: 'Operators',
		summary: 'Take an agent’s rights away for good',
		answer: agentStandingSchema
	},
	async (event) => {
		const operator = requireOperator(event);
		const { app } = event.locals;
		const agentId = idParam(event.params.agentId, 'The agent');
		await revokeAgent(app.db, operator, agentId);
		await app.agentChanged(agentId);
		return json({ id: agentId, standing: 'revoked' });
	}
);
