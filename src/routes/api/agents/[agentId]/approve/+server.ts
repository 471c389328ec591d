import { agentStandingSchema } from '#lib/server/answers/operators.ts';
import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { approveAgent } from '#lib/server/agents/standing.ts';
import { requireStepUp } from '#lib/server/auth/stepUp.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireOperator } from '#lib/server/http/caller.ts';

const approveSchema = z.strictObject({ fingerprint: z.string().min(1).max(100) });

export const POST = api(
	{
		tag: 'Operators',
		summary: 'Let an enrolled agent work',
		details:
			'The fingerprint is what `agent status` shows on its machine: compare the two before you send it.',
		body: approveSchema,
		answer: agentStandingSchema,
		refusals: ['STEP_UP_REQUIRED', 'AGENT_STANDING']
	},
	async (event, readBody) => {
		const operator = requireOperator(event);
		const { app } = event.locals;
		requireStepUp(app, operator, 'enrol_agent');
		const agentId = idParam(event.params.agentId, 'The agent');
		const { fingerprint } = await readBody();
		await approveAgent(app.db, operator, agentId, fingerprint);
		await app.agentChanged(agentId);
		return json({ id: agentId, standing: 'approved' });
	}
);
