/** Alerts by webhook as the API and the page have them. Times are ISO 8601 UTC. */
import type { AlertKind } from './alerts.ts';

export interface WebhookView {
	id: string;
	url: string;
	kinds: AlertKind[];
	createdAt: string;
}

export type DeliveryEvent = 'opened' | 'resolved' | 'test';
export type DeliveryStatus = 'waiting' | 'delivered' | 'given_up';

export interface DeliveryView {
	id: string;
	webhookId: string;
	event: DeliveryEvent;
	kind: AlertKind | null;
	account: string | null;
	status: DeliveryStatus;
	attempts: number;
	createdAt: string;
	/** Of the newest attempt. */
	attemptedAt: string | null;
	nextAttemptAt: string | null;
	/** What the receiver answered last; null: no answer came. */
	httpStatus: number | null;
	error: string | null;
	/** What to do about it; null when there is nothing to do. */
	next: string | null;
}

/** GET /api/user/alerts */
export interface AlertsView {
	webhooks: WebhookView[];
	/** Newest first. */
	deliveries: DeliveryView[];
	mostWebhooks: number;
}

/** What a receiver gets; docs/alerts.md explains it. */
export interface AlertMessage {
	type: 'alert.opened' | 'alert.resolved' | 'alert.test';
	/** When this message was made. */
	at: string;
	alert: {
		id: string;
		kind: AlertKind;
		label: string;
		account: { number: string; broker: string; name: string };
		openedAt: string;
		resolvedAt: string | null;
		seen: string;
		seenAt: string | null;
		/** How old that was when this message was made. */
		ageSeconds: number | null;
		next: string;
	} | null;
}
