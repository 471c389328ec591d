/** A trader's webhooks: where alerts go, which, and what became of the last of them. */
import { randomBytes } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import type { AlertKind } from '#lib/domain/alerts.ts';
import type {
	AlertsView,
	DeliveryEvent,
	DeliveryStatus,
	DeliveryView,
	WebhookView
} from '#lib/domain/alertViews.ts';
import type { App, Caller } from '../app.ts';
import { writeAudit } from '../audit/writeAudit.ts';
import type { Tx } from '../db.ts';
import { AppError, notFound } from '../errors.ts';
import { secretOwner } from './deliverer.ts';
import { leadsToPrivate } from './sendWebhook.ts';
import type { NewWebhook, WebhookChange } from './webhookInput.ts';

const MOST_WEBHOOKS = 5;
const MOST_DELIVERIES = 50;
const MOST_TESTS_PER_MINUTE = 5;
const SECRET_BYTES = 32;

type WebhookRow = { id: string; url: string; kinds: string[]; createdAt: Date };
const COLUMNS = { id: true, url: true, kinds: true, createdAt: true } as const;

const viewOf = ({ id, url, kinds, createdAt }: WebhookRow): WebhookView => ({
	id,
	url,
	kinds: kinds as AlertKind[],
	createdAt: createdAt.toISOString()
});

export async function readAlerts({ db }: App, userId: string): Promise<AlertsView> {
	const [webhooks, { rows }] = await Promise.all([
		db.prisma.alertWebhook.findMany({ where: { userId }, select: COLUMNS, orderBy: { createdAt: 'asc' } }),
		db.pool.query<DeliveryRow>({
			name: 'alerts-deliveries',
			text: DELIVERIES,
			values: [userId, MOST_DELIVERIES]
		})
	]);
	return { webhooks: webhooks.map(viewOf), deliveries: rows.map(deliveryView), mostWebhooks: MOST_WEBHOOKS };
}

/**
 * @returns the webhook, and the secret that its messages are signed with, which cannot be shown again
 * @throws AppError VALIDATION, WEBHOOK_LIMIT
 */
export async function addWebhook(
	app: App,
	caller: Caller,
	{ url, kinds }: NewWebhook
): Promise<{ webhook: WebhookView; secret: string }> {
	await requireAllowed(app, url);
	const { userId } = caller;
	const id = uuidv7();
	const secret = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
	const sealedSecret = app.secretBox.seal(secret, secretOwner(id));
	return app.db.traderTransaction(userId, async (tx) => {
		if ((await tx.alertWebhook.count({ where: { userId } })) >= MOST_WEBHOOKS)
			throw new AppError('WEBHOOK_LIMIT', `There are ${MOST_WEBHOOKS} webhooks already. Remove one first.`);
		const row = await tx.alertWebhook.create({
			data: { id, userId, url, kinds, sealedSecret },
			select: COLUMNS
		});
		await audit(tx, caller, 'alerts.webhook_add', row);
		return { webhook: viewOf(row), secret };
	});
}

/** The secret stays. @throws AppError NOT_FOUND, VALIDATION */
export async function changeWebhook(
	app: App,
	caller: Caller,
	id: string,
	change: WebhookChange
): Promise<WebhookView> {
	if (change.url !== undefined) await requireAllowed(app, change.url);
	const { userId } = caller;
	return app.db.traderTransaction(userId, async (tx) => {
		const { count } = await tx.alertWebhook.updateMany({
			where: { id, userId },
			data: {
				...(change.url === undefined ? {} : { url: change.url }),
				...(change.kinds === undefined ? {} : { kinds: change.kinds })
			}
		});
		if (count === 0) throw notFound('The webhook');
		const row = await tx.alertWebhook.findUniqueOrThrow({ where: { id }, select: COLUMNS });
		await audit(tx, caller, 'alerts.webhook_change', row);
		return viewOf(row);
	});
}

/** What waits for it is forgotten. @throws AppError NOT_FOUND */
export async function removeWebhook(app: App, caller: Caller, id: string): Promise<void> {
	const { userId } = caller;
	await app.db.traderTransaction(userId, async (tx) => {
		const row = await tx.alertWebhook.findFirst({ where: { id, userId }, select: COLUMNS });
		if (!row) throw notFound('The webhook');
		await tx.alertWebhook.delete({ where: { id } });
		// Nobody is left to be told: a webhook that is added later is told of what is wrong then.
		if ((await tx.alertWebhook.count({ where: { userId } })) === 0)
			await tx.alert.updateMany({
				where: { account: { userId }, resolvedAt: null },
				data: { resolvedAt: app.now() }
			});
		await audit(tx, caller, 'alerts.webhook_remove', row);
	});
}

/** Sends a message that says nothing. @throws AppError NOT_FOUND, RATE_LIMITED */
export async function testWebhook(app: App, { userId }: Caller, id: string): Promise<{ deliveryId: string }> {
	return app.db.traderTransaction(userId, async (tx) => {
		if (!(await tx.alertWebhook.findFirst({ where: { id, userId }, select: { id: true } })))
			throw notFound('The webhook');
		const since = new Date(app.now().getTime() - 60_000);
		const tests = await tx.alertDelivery.count({
			where: { webhook: { userId }, event: 'test', createdAt: { gt: since } }
		});
		if (tests >= MOST_TESTS_PER_MINUTE)
			throw new AppError('RATE_LIMITED', 'That were many tests. Wait a minute.', { retryAfterSeconds: 60 });
		const delivery = await tx.alertDelivery.create({ data: { id: uuidv7(), webhookId: id, event: 'test' } });
		return { deliveryId: delivery.id };
	});
}

async function requireAllowed({ config }: App, url: string): Promise<void> {
	if (config.alerts.allowsPrivate) return;
	const refuse = (message: string) => new AppError('VALIDATION', message, { fields: { url: message } });
	if (new URL(url).protocol !== 'https:') throw refuse('Give an address that begins with https://.');
	if (await leadsToPrivate(url))
		throw refuse('This address leads into a private network. Give one that is reachable from the internet.');
}

const audit = (tx: Tx, { userId, origin }: Caller, action: string, { id, url, kinds }: WebhookRow) =>
	// The path may be a secret of the receiver's.
	writeAudit(tx, {
		userId,
		action,
		target: { type: 'webhook', id },
		origin,
		detail: { host: new URL(url).host, kinds }
	});

interface DeliveryRow {
	id: string;
	webhookId: string;
	event: DeliveryEvent;
	kind: AlertKind | null;
	account: string | null;
	status: DeliveryStatus;
	attempts: number;
	createdAt: Date;
	attemptedAt: Date | null;
	nextAttemptAt: Date;
	httpStatus: number | null;
	error: string | null;
}

const DELIVERIES = `
SELECT d.id, d."webhookId", d.event, l.kind, a.name AS account, d.status, d.attempts, d."createdAt", d."attemptedAt",
	d."nextAttemptAt", d."httpStatus", d.error
FROM "AlertWebhook" w JOIN "AlertDelivery" d ON d."webhookId" = w.id
LEFT JOIN "Alert" l ON l.id = d."alertId" LEFT JOIN "Mt5Account" a ON a.id = l."accountId"
WHERE w."userId" = $1 ORDER BY d."createdAt" DESC, d.id DESC LIMIT $2`;

const deliveryView = (row: DeliveryRow): DeliveryView => ({
	...row,
	createdAt: row.createdAt.toISOString(),
	attemptedAt: row.attemptedAt?.toISOString() ?? null,
	nextAttemptAt: row.status === 'waiting' && row.attempts > 0 ? row.nextAttemptAt.toISOString() : null,
	next: nextOf(row)
});

function nextOf({ status, error, httpStatus }: DeliveryRow): string | null {
	if (status === 'delivered' || error === null) return null;
	const again = status === 'waiting' ? 'It is tried again by itself.' : 'It is not tried any more.';
	if (httpStatus === 410)
		return 'The receiver wants no more messages: remove this webhook, or correct its address.';
	if (httpStatus === 401 || httpStatus === 403)
		return `Check that the receiver verifies with this webhook’s secret. ${again}`;
	if (httpStatus !== null && httpStatus >= 300 && httpStatus < 400)
		return `Give the address that the redirect leads to. ${again}`;
	return `Check the address, and the receiver’s own log. ${again}`;
}
