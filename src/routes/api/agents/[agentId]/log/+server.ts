import { REQUESTS } from '#lib/protocol/requests.ts';
import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { requireAgent } from '#lib/server/agents/readMachine.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireOperator } from '#lib/server/http/caller.ts';
import { parseInput } from '#lib/server/http/readJson.ts';

const LOG_ANSWER_MS = 10_000;
const linesSchema = z.coerce.number().int().min(1).max(300).catch(200);

export const GET = api(
	{
		tag: 'Operators',
		summary: 'The newest lines of the agent’s own log, asked for just now',
		query: z.object({ lines: linesSchema }),
		answer: REQUESTS.log.answer,
		refusals: ['UNAVAILABLE']
	},
	async (event) => {
		requireOperator(event);
		const { app } = event.locals;
		const agentId = await requireAgent(app, idParam(event.params.agentId, 'The agent'));
		const lines = parseInput(event.url.searchParams.get('lines'), linesSchema);
		const log = await app.core.requests.ask(agentId, 'log', { lines }, LOG_ANSWER_MS);
		return json(log, { headers: { 'cache-control': 'no-store' } });
	}
);
