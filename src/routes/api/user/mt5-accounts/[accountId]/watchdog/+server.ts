import { z } from 'zod';
import { watchdogViewSchema } from '#lib/server/answers/accounts.ts';
import { json } from '@sveltejs/kit';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireCaller } from '#lib/server/http/caller.ts';
import { readWatchdog } from '#lib/server/watchdog/readIncidents.ts';
import { setWatchdog, watchdogSchema } from '#lib/server/watchdog/setWatchdog.ts';

export const GET = api(
	{
		tag: 'Accounts',
		summary: 'Whether the watchdog is on, and what it did, newest first',
		query: z.object({ before: z.string().optional() }),
		answer: watchdogViewSchema
	},
	async (event) => {
		const { userId } = requireCaller(event);
		const accountId = idParam(event.params.accountId, 'The account');
		const before = event.url.searchParams.get('before');
		return json(await readWatchdog(event.locals.app, userId, accountId, before), {
			headers: { 'cache-control': 'no-store' }
		});
	}
);

export const POST = api(
	{
		tag: 'Accounts',
		summary: 'Switch the watchdog of an account on or off',
		details: 'Starting it when it is on has it try again after it gave up.',
		body: watchdogSchema,
		answer: watchdogViewSchema
	},
	async (event, readBody) => {
		const caller = requireCaller(event);
		const accountId = idParam(event.params.accountId, 'The account');
		const { action } = await readBody();
		return json(await setWatchdog(event.locals.app, caller, accountId, action));
	}
);
