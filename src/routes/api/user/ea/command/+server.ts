import { commandSchema } from '#lib/server/answers/commands.ts';
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
import { parseInput } from '#lib/server/http/readJson.ts';

export const POST = api(
	{
		tag: 'Commands',
		summary: 'Start, pause or stop the algo',
		details:
			'On every account that is switched on, or on those that are named. Answers when all have, after 30 s at the latest, with what is still open as `pending`: read the command again, or listen to the live stream. A part that failed is a normal answer. Stop works without the database as well.',
		body: commandInputSchema,
		headers: {
			'Idempotency-Key': {
				schema: idempotencyKeySchema.unwrap().optional(),
				details:
					'Makes a repetition safe: with the same key and body the first press answers again, and nothing is sent twice'
			}
		},
		answer: commandSchema,
		refusals: [
			'NO_ENABLED_ACCOUNT',
			'ACCOUNT_NOT_ENABLED',
			'NOT_FOUND',
			'IDEMPOTENCY_MISMATCH',
			'STEP_UP_REQUIRED',
			'UNAVAILABLE'
		]
	},
	async (event, readBody) => {
		const key = parseInput(event.request.headers.get('idempotency-key'), idempotencyKeySchema);
		const input = await readBody();
		if (event.locals.isDatabaseAway) return stopWithoutDatabase(event, input, key);
		try {
			return json(await issueCommand(event.locals.app.core, requireCaller(event), input, key));
		} catch (error) {
			if (input.command !== 'stop_ea' || !isDatabaseAway(error)) throw error;
			return stopWithoutDatabase(event, input, key);
		}
	}
);

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
