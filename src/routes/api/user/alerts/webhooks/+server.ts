import { json } from '@sveltejs/kit';
import { newWebhookSchema } from '#lib/server/alerts/webhookInput.ts';
import { addWebhook } from '#lib/server/alerts/webhooks.ts';
import { newWebhookAnswerSchema } from '#lib/server/answers/alerts.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';

export const POST = api(
	{
		tag: 'Alerts',
		summary: 'Add a webhook',
		details:
			'An https address that is reachable from the internet. The answer has the secret, which is shown this once.',
		body: newWebhookSchema,
		answer: newWebhookAnswerSchema,
		status: 201,
		refusals: ['WEBHOOK_LIMIT']
	},
	async (event, readBody) => {
		const caller = requireCaller(event);
		return json(await addWebhook(event.locals.app, caller, await readBody()), {
			status: 201,
			headers: { 'cache-control': 'no-store' }
		});
	}
);
