import { json } from '@sveltejs/kit';
import { webhookChangeSchema } from '#lib/server/alerts/webhookInput.ts';
import { changeWebhook, removeWebhook } from '#lib/server/alerts/webhooks.ts';
import { webhookSchema } from '#lib/server/answers/alerts.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireCaller } from '#lib/server/http/caller.ts';

export const PATCH = api(
	{
		tag: 'Alerts',
		summary: 'Change a webhook’s address or kinds; its secret stays',
		body: webhookChangeSchema,
		answer: webhookSchema
	},
	async (event, readBody) => {
		const caller = requireCaller(event);
		const webhookId = idParam(event.params['webhookId'], 'The webhook');
		return json(await changeWebhook(event.locals.app, caller, webhookId, await readBody()));
	}
);

export const DELETE = api(
	{
		tag: 'Alerts',
		summary: 'Remove a webhook; what waits for it is forgotten',
		answer: null
	},
	async (event) => {
		const webhookId = idParam(event.params['webhookId'], 'The webhook');
		await removeWebhook(event.locals.app, requireCaller(event), webhookId);
		return new Response(null, { status: 204 });
	}
);
