import { doctorReportSchema } from '#lib/protocol/doctorReport.ts';
import { json } from '@sveltejs/kit';
import { requireAgent } from '#lib/server/agents/readMachine.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireOperator } from '#lib/server/http/caller.ts';

/** The doctor looks at the whole machine. */
const DOCTOR_ANSWER_MS = 60_000;

export const GET = api(
	{
		tag: 'Operators',
		summary: 'What the doctor finds on the agent’s machine, just now',
		details: 'Takes up to a minute.',
		answer: doctorReportSchema,
		refusals: ['UNAVAILABLE']
	},
	async (event) => {
		requireOperator(event);
		const { app } = event.locals;
		const agentId = await requireAgent(app, idParam(event.params.agentId, 'The agent'));
		const report = await app.core.requests.ask(agentId, 'doctor', {}, DOCTOR_ANSWER_MS);
		return json(report, { headers: { 'cache-control': 'no-store' } });
	}
);
