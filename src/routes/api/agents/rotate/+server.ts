import { z } from 'zod';
import { json } from '@sveltejs/kit';
import { rotateKeys, rotateSchema } from '#lib/server/agents/rotateKeys.ts';
import { api } from '#lib/server/http/api.ts';
import { originOf } from '#lib/server/http/caller.ts';

export const POST = api(
	{
		tag: 'Agents',
		summary: 'Change an agent’s keys',
		details:
			'For agents, not for browsers: the old key’s signature or an operator’s code is the only right needed.',
		body: rotateSchema,
		answer: z.strictObject({ fingerprint: z.string(), standing: z.enum(['approved', 'pending']) }),
		refusals: ['KEYS_REFUSED', 'JOIN_CODE_INVALID']
	},
	async (event, readBody) => {
		const { app } = event.locals;
		const origin = originOf(event);
		await app.limits.enrol.consume(origin.ip ?? 'unknown');
		const input = await readBody();
		const answer = await rotateKeys(app, input, origin);
		await app.agentChanged(input.agentId);
		return json(answer);
	}
);
