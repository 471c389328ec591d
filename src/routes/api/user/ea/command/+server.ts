import { json, type RequestEvent } from '@sveltejs/kit';
import {
	commandInputSchema,
	idempotencyKeySchema,
	type CommandInput
} from '#lib/server/commands/commandInput.ts';
import { issueCommand } from '#lib/server/commands/issueCommand.ts';
import { isDatabaseAway } from '#lib/server/databaseAway.ts';
import { AppError } from '#lib/server/errors.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';
import { parseInput, readJson } from '#lib/server/http/readJson.ts';

/**
 * Start, Pause or Stop on every account that is switched on; answers when all have, after 30 s at the latest.
 * Stop works without the database as well.
 */
export const POST = api(async (event) => {
	const key = parseInput(event.request.headers.get('idempotency-key'), idempotencyKeySchema);
	const input = await readJson(event, commandInputSchema);
	if (event.locals.isDatabaseAway) return stopWithoutDatabase(event, input, key);
	try {
		return json(await issueCommand(event.locals.app.core, requireCaller(event), input, key));
	} catch (error) {
		if (input.command !== 'stop_ea' || !isDatabaseAway(error)) throw error;
		return stopWithoutDatabase(event, input, key);
	}
});

async function stopWithoutDatabase(
	event: RequestEvent,
	input: CommandInput,
	key: string | null
): Promise<Response> {
	if (input.command !== 'stop_ea')
		throw new AppError(
			'UNAVAILABLE',
			'The database cannot be reached just now, so nothing was sent. Only Stop works without it.',
			{ retryAfterSeconds: 5 }
		);
	return json(await event.locals.app.core.emergencies.stop(requireCaller(event), input, key));
}
