import { json } from '@sveltejs/kit';
import { enrolAgent, enrolSchema } from '#lib/server/agents/enrolAgent.ts';
import { api } from '#lib/server/http/api.ts';
import { originOf } from '#lib/server/http/caller.ts';
import { readJson } from '#lib/server/http/readJson.ts';

/** For agents, not for browsers: a one-time code from the operator's page is the only right needed. */
export const POST = api(async (event) => {
	const { app } = event.locals;
	const origin = originOf(event);
	await app.limits.enrol.consume(origin.ip ?? 'unknown');
	return json(await enrolAgent(app, await readJson(event, enrolSchema), origin), { status: 201 });
});
