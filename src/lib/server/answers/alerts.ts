/** What the routes of alerts answer. */
import { z } from 'zod';
import { ALERT_KINDS } from '#lib/domain/alerts.ts';
import type { AlertsView, WebhookView } from '#lib/domain/alertViews.ts';
import { moment } from './common.ts';
import { exactly } from './exactly.ts';

export const webhookSchema = exactly<WebhookView>()(
	z
		.strictObject({ id: z.uuid(), url: z.string(), kinds: z.array(z.enum(ALERT_KINDS)), createdAt: moment })
		.meta({ id: 'Webhook' })
);

export const newWebhookAnswerSchema = z.strictObject({
	webhook: webhookSchema,
	secret: z.string().meta({ description: 'What messages are signed with; it is shown this once' })
});

export const alertsSchema = exactly<AlertsView>()(
	z
		.strictObject({
			webhooks: z.array(webhookSchema),
			deliveries: z.array(
				z.strictObject({
					id: z.uuid(),
					webhookId: z.uuid(),
					event: z.enum(['opened', 'resolved', 'test']),
					kind: z.enum(ALERT_KINDS).nullable(),
					account: z.string().nullable(),
					status: z.enum(['waiting', 'delivered', 'given_up']),
					attempts: z.int(),
					createdAt: moment,
					attemptedAt: moment.nullable(),
					nextAttemptAt: moment.nullable(),
					httpStatus: z.int().nullable(),
					error: z.string().nullable(),
					next: z.string().nullable()
				})
			),
			mostWebhooks: z.int()
		})
		.meta({ id: 'Alerts' })
);
