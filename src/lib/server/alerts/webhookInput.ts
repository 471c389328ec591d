/** What the API takes for a webhook. */
import { z } from 'zod';
import { ALERT_KINDS } from '#lib/domain/alerts.ts';

const kindsSchema = z
	.array(z.enum(ALERT_KINDS))
	.min(1, 'Choose at least one kind of alert.')
	.transform((kinds) => ALERT_KINDS.filter((kind) => kinds.includes(kind)));

/** Whether plain http and private addresses will do is settled by the configuration (webhooks.ts). */
const urlSchema = z
	.string()
	.trim()
	.max(500, 'The address is longer than 500 characters.')
	.refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
		message: 'Give an address that begins with https://.',
		abort: true
	})
	.refine((text) => new URL(text).username === '' && new URL(text).password === '', {
		message:
			'Leave name and password out of the address: it is shown on this page. Messages are signed instead.'
	});

export const newWebhookSchema = z.strictObject({ url: urlSchema, kinds: kindsSchema });
export const webhookChangeSchema = newWebhookSchema
	.partial()
	.refine((change) => Object.keys(change).length > 0, 'Say what to change: url or kinds.');
export type NewWebhook = z.infer<typeof newWebhookSchema>;
export type WebhookChange = z.infer<typeof webhookChangeSchema>;
