/** What a receiver is told. Made anew for every attempt, so that the age in it is true. */
import { z } from 'zod';
import { ALERT_KINDS, ALERT_WORDS } from '#lib/domain/alerts.ts';
import type { AlertMessage, DeliveryEvent } from '#lib/domain/alertViews.ts';

/** A message's alert, as rows have it; all null for a test. */
export interface AlertOfDelivery {
	event: DeliveryEvent;
	alertId: string | null;
	kind: string | null;
	facts: unknown;
	openedAt: Date | null;
	resolvedAt: Date | null;
	accountNumber: string | null;
	broker: string | null;
	accountName: string | null;
}

const factsSchema = z.object({ seen: z.string(), seenAt: z.string().nullable(), next: z.string() });

export function alertMessage(delivery: AlertOfDelivery, nowMs: number): AlertMessage {
	const at = new Date(nowMs).toISOString();
	const { event, alertId, openedAt, resolvedAt, accountNumber, broker, accountName } = delivery;
	if (event === 'test' || alertId === null || !openedAt) return { type: 'alert.test', at, alert: null };
	const kind = z.enum(ALERT_KINDS).parse(delivery.kind);
	const facts = factsSchema.parse(delivery.facts);
	const ageMs = facts.seenAt === null ? null : nowMs - Date.parse(facts.seenAt);
	const isResolved = event === 'resolved';
	return {
		type: isResolved ? 'alert.resolved' : 'alert.opened',
		at,
		alert: {
			id: alertId,
			kind,
			label: ALERT_WORDS[kind].label,
			account: { number: accountNumber ?? '', broker: broker ?? '', name: accountName ?? '' },
			openedAt: openedAt.toISOString(),
			resolvedAt: isResolved ? (resolvedAt?.toISOString() ?? at) : null,
			seen: facts.seen,
			seenAt: facts.seenAt,
			ageSeconds: ageMs === null ? null : Math.max(0, Math.round(ageMs / 1000)),
			next: isResolved ? 'Nothing: it is over.' : facts.next
		}
	};
}
