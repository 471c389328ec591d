import { json } from '@sveltejs/kit';
import { readAlerts } from '#lib/server/alerts/webhooks.ts';
import { alertsSchema } from '#lib/server/answers/alerts.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';

export const GET = api(
	{
		tag: 'Alerts',
		summary: 'Where alerts go, and what became of the last ones',
		answer: alertsSchema
	},
	async (event) => json(await readAlerts(event.locals.app, requireCaller(event).userId))
);
