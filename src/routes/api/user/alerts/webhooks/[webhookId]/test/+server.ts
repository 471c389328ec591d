import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { testWebhook } from '#lib/server/alerts/webhooks.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireCaller } from '#lib/server/http/caller.ts';

export const POST = api(
	{
		tag: 'Alerts',
		summary: 'Send a test message',
		details: 'What becomes of it is among the deliveries.',
		answer: z.strictObject({ deliveryId: z.uuid() }),
		status: 202
	},
	async (event) => {
		const webhookId = idParam(event.params['webhookId'], 'The webhook');
		return json(await testWebhook(event.locals.app, requireCaller(event), webhookId), { status: 202 });
	}
);
