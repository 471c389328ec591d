import { json } from '@sveltejs/kit';
import { commandInputSchema, idempotencyKeySchema } from '#lib/server/commands/commandInput.ts';
import { issueCommand } from '#lib/server/commands/issueCommand.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';
import { parseInput, readJson } from '#lib/server/http/readJson.ts';

/** Start, Pause or Stop on every account that is switched on; answers when all have, after 30 s at the latest. */
export const POST = api(async (event) => {
	const caller = requireCaller(event);
	const key = parseInput(event.request.headers.get('idempotency-key'), idempotencyKeySchema);
	const input = await readJson(event, commandInputSchema);
	return json(await issueCommand(event.locals.app.core, caller, input, key));
});
