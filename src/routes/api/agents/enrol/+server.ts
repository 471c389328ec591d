import { z } from 'zod';
import { json } from '@sveltejs/kit';
import { enrolAgent, enrolSchema } from '#lib/server/agents/enrolAgent.ts';
import { api } from '#lib/server/http/api.ts';
import { originOf } from '#lib/server/http/caller.ts';

export const POST = api(
	{
		tag: 'Agents',
		summary: 'Enrol an agent',
		details:
			'For agents, not for browsers: a one-time code from the operator’s page is the only right needed.',
		body: enrolSchema,
		answer: z.strictObject({ agentId: z.uuid(), serverKey: z.string(), fingerprint: z.string() }),
		status: 201,
		refusals: ['JOIN_CODE_INVALID']
	},
	async (event, readBody) => {
		const { app } = event.locals;
		const origin = originOf(event);
		await app.limits.enrol.consume(origin.ip ?? 'unknown');
		return json(await enrolAgent(app, await readBody(), origin), { status: 201 });
	}
);
