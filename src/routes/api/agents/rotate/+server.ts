import { json } from '@sveltejs/kit';
import { rotateKeys, rotateSchema } from '#lib/server/agents/rotateKeys.ts';
import { api } from '#lib/server/http/api.ts';
import { originOf } from '#lib/server/http/caller.ts';
import { readJson } from '#lib/server/http/readJson.ts';

/** For agents, not for browsers: the old key's signature or an operator's code is the only right needed. */
export const POST = api(async (event) => {
	const { app } = event.locals;
	const origin = originOf(event);
	await app.limits.enrol.consume(origin.ip ?? 'unknown');
	const input = await readJson(event, rotateSchema);
	const answer = await rotateKeys(app, input, origin);
	await app.agentChanged(input.agentId);
	return json(answer);
});
