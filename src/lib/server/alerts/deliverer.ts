/**
 * Brings messages to webhooks: one at a time to each, twenty at once in all, each until it is taken or a day is over.
 * A message that a server is at is claimed in the database for a while, so that several servers share the work, and
 * what one of them did not end is taken up by the next.
 */
import { fullJitter } from '#lib/domain/backoff.ts';
import type { SecretBox } from '../crypto/secretBox.ts';
import type { Database } from '../db.ts';
import type { Logger } from '../logger.ts';
import { alertMessage, type AlertOfDelivery } from './alertMessage.ts';
import { sendWebhook, signedHeaders, type Attempt } from './sendWebhook.ts';

const MOST_AT_ONCE = 20;
/** A receiver has this long to answer… */
const ANSWER_MS = 10_000;
/** …and a server this long to write down what came of it. */
const CLAIM_S = 30;
/** To one receiver, however much there is to say. */
const BETWEEN_S = 1;
const LONGEST_PAUSE_MS = 3_600_000;
const GIVE_UP_MS = 86_400_000;

interface Claimed extends AlertOfDelivery {
	id: string;
	webhookId: string;
	url: string;
	sealedSecret: string;
	attempts: number;
	createdAt: Date;
}

/** What a webhook's secret is sealed for. */
export const secretOwner = (webhookId: string): string => `webhook|${webhookId}`;

export interface Deliverer {
	/** Takes up what is due; does not wait for the receivers. */
	round(): Promise<void>;
	/** Waits for what is under way. */
	end(): Promise<void>;
}

export function createDeliverer(deps: {
	db: Database;
	secretBox: SecretBox;
	random: () => number;
	nowMs: () => number;
	logger: Logger;
	allowsPrivate: boolean;
	/** The longest first pause after a failure; doubled with each further one. */
	retryMs: number;
}): Deliverer {
	const { db, secretBox, random, nowMs, logger, allowsPrivate, retryMs } = deps;
	const underWay = new Set<Promise<void>>();

	async function attempt(claimed: Claimed): Promise<void> {
		const { id, url, webhookId, sealedSecret, attempts, createdAt } = claimed;
		const body = JSON.stringify(alertMessage(claimed, nowMs()));
		const secret = secretBox.open(sealedSecret, secretOwner(webhookId));
		const result = await sendWebhook(url, signedHeaders({ id, body }, secret, nowMs()), body, {
			allowsPrivate,
			timeoutMs: ANSWER_MS
		});
		const pauseMs = retryMs / 2 + fullJitter(attempts - 1, retryMs, LONGEST_PAUSE_MS, random);
		const isOver = result.isGone || nowMs() + pauseMs - createdAt.getTime() > GIVE_UP_MS;
		await settle(id, result, isOver, pauseMs);
	}

	async function settle(id: string, result: Attempt, isOver: boolean, pauseMs: number): Promise<void> {
		await db.pool.query(
			`UPDATE "AlertDelivery" SET status = $2, "attemptedAt" = now(), "httpStatus" = $3, error = $4,
			   "nextAttemptAt" = now() + make_interval(secs => $5), "claimedUntil" = NULL
			 WHERE id = $1 AND status = 'waiting'`,
			[
				id,
				result.isDelivered ? 'delivered' : isOver ? 'given_up' : 'waiting',
				result.httpStatus,
				result.error,
				pauseMs / 1000
			]
		);
	}

	return {
		async round() {
			const free = MOST_AT_ONCE - underWay.size;
			if (free <= 0) return;
			const { rows } = await db.pool.query<Claimed>({
				name: 'alerts-claim',
				text: CLAIM,
				values: [free, CLAIM_S, BETWEEN_S]
			});
			for (const claimed of rows) {
				const work: Promise<void> = attempt(claimed)
					.catch((error: unknown) =>
						// It is claimed still, and taken up again when that is over.
						logger.warn(
							{ err: error, deliveryId: claimed.id },
							'an alert could not be delivered; it is later'
						)
					)
					.finally(() => underWay.delete(work));
				underWay.add(work);
			}
		},
		async end() {
			await Promise.all(underWay);
		}
	};
}

/** Of each webhook the oldest due message, unless one is under way; what ends an alert waits for what opened it. */
const CLAIM = `
WITH due AS (
	SELECT d.id FROM "AlertDelivery" d
	WHERE d.status = 'waiting' AND d."nextAttemptAt" <= now() AND (d."claimedUntil" IS NULL OR d."claimedUntil" < now())
		AND NOT EXISTS (
			SELECT 1 FROM "AlertDelivery" e WHERE e."webhookId" = d."webhookId" AND e.id <> d.id AND (
				e."attemptedAt" > now() - make_interval(secs => $3) OR e.status = 'waiting' AND (
					e."claimedUntil" >= now() OR (e."createdAt", e.id) < (d."createdAt", d.id)
						AND (e."nextAttemptAt" <= now() OR e."alertId" = d."alertId"))))
	ORDER BY d."nextAttemptAt" LIMIT $1 FOR UPDATE OF d SKIP LOCKED
), claimed AS (
	UPDATE "AlertDelivery" d SET attempts = d.attempts + 1, "claimedUntil" = now() + make_interval(secs => $2)
	FROM due WHERE d.id = due.id RETURNING d.*
)
SELECT c.id, c."webhookId", c.event, c.attempts, c."createdAt", w.url, w."sealedSecret", c."alertId", l.kind, l.facts,
	l."openedAt", l."resolvedAt", a."accountNumber", a.broker, a.name AS "accountName"
FROM claimed c JOIN "AlertWebhook" w ON w.id = c."webhookId"
LEFT JOIN "Alert" l ON l.id = c."alertId" LEFT JOIN "Mt5Account" a ON a.id = l."accountId"`;
