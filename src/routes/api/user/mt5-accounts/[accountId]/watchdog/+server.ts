import { json } from '@sveltejs/kit';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireCaller } from '#lib/server/http/caller.ts';
import { readJson } from '#lib/server/http/readJson.ts';
import { readWatchdog } from '#lib/server/watchdog/readIncidents.ts';
import { setWatchdog, watchdogSchema } from '#lib/server/watchdog/setWatchdog.ts';

/** Whether the watchdog is on, and what it did: newest first, older ones with `?before=<nextCursor>`. */
export const GET = api(async (event) => {
	const { userId } = requireCaller(event);
	const accountId = idParam(event.params.accountId, 'The account');
	const before = event.url.searchParams.get('before');
	return json(await readWatchdog(event.locals.app, userId, accountId, before), {
		headers: { 'cache-control': 'no-store' }
	});
});

export const POST = api(async (event) => {
	const caller = requireCaller(event);
	const accountId = idParam(event.params.accountId, 'The account');
	const { action } = await readJson(event, watchdogSchema);
	return json(await setWatchdog(event.locals.app, caller, accountId, action));
});
