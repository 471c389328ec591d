/** Reads the history of an account's connection, newest first; ownership is in the WHERE clause. */
import { z } from 'zod';
import { CONNECTION_EVENTS, DISCONNECTED_EVENTS } from '#lib/domain/connectionHistory.ts';
import type { ConnectionHistoryView, ConnectionStatusView } from '#lib/domain/views.ts';
import { requireAccountView } from '../accounts/readAccountViews.ts';
import type { App } from '../app.ts';
import type { Sql } from '../db.ts';

const PAGE = 20;

const rowSchema = z.object({
	id: z.uuid(),
	at: z.date(),
	connection: z.enum(CONNECTION_EVENTS),
	reason: z.string().nullable(),
	remedy: z.string().nullable(),
	retries: z.int(),
	isWanted: z.boolean()
});

/** Where a page ends: time and id of its last line. */
const cursorSchema = z
	.string()
	.regex(/^\d{1,15}_[0-9a-f-]{36}$/)
	.transform((text) => {
		const [ms = '', id = ''] = text.split('_');
		return { at: new Date(Number(ms)), id };
	});

/** @throws AppError NOT_FOUND, also when the account is another trader's */
export async function readConnections(
	app: App,
	userId: string,
	accountId: string,
	before: string | null = null
): Promise<ConnectionHistoryView> {
	await requireAccountView(app, userId, accountId);
	const cursor = before === null ? null : (cursorSchema.safeParse(before).data ?? null);
	const { rows } = await app.db.pool.query({
		name: 'connections-of-account',
		text: `SELECT c.id, c.at, c.connection, c.reason, c.remedy, c.retries, c."isWanted"
		       FROM "ConnectionChange" c JOIN "Mt5Account" a ON a.id = c."accountId"
		       WHERE c."accountId" = $1 AND a."userId" = $2
		         AND ($3::timestamptz IS NULL OR (c.at, c.id) < ($3, $4::uuid))
		       ORDER BY c.at DESC, c.id DESC LIMIT $5`,
		values: [accountId, userId, cursor?.at ?? null, cursor?.id ?? null, PAGE + 1]
	});
	const changes = rows.map((row) => {
		const change = rowSchema.parse(row);
		return { ...change, at: change.at.toISOString() };
	});
	const page = changes.slice(0, PAGE);
	const last = changes.length > PAGE ? page.at(-1) : undefined;
	return {
		...(await readLastChanges(app.db.pool, userId, accountId)),
		changes: page,
		nextCursor: last ? `${Date.parse(last.at)}_${last.id}` : null
	};
}

/** How an account is connected, as far as it may be claimed now. @throws AppError NOT_FOUND */
export async function readConnection(
	app: App,
	userId: string,
	accountId: string
): Promise<ConnectionStatusView> {
	const view = await requireAccountView(app, userId, accountId);
	const { connection, isConnectionWanted, retries, seenAt, state, fault, activity, agent } = view;
	const { currency, balance, equity, figures, vitals } = view;
	return {
		accountId,
		connection,
		isConnectionWanted,
		retries,
		seenAt,
		state,
		fault,
		activity,
		agent,
		currency,
		balance,
		equity,
		vitals,
		marginLevel: figures?.marginLevel ?? null,
		...(await readLastChanges(app.db.pool, userId, accountId))
	};
}

type LastChanges = Pick<ConnectionHistoryView, 'lastConnectedAt' | 'lastDisconnectedAt'>;

/** When it was seen to become connected, and to cease to be so, last. */
async function readLastChanges(sql: Sql, userId: string, accountId: string): Promise<LastChanges> {
	const { rows } = await sql.query<{ connectedAt: Date | null; disconnectedAt: Date | null }>({
		name: 'last-connections',
		text: `SELECT max(x.at) FILTER (WHERE x.connection = 'connected' AND x.before IS DISTINCT FROM 'connected') AS "connectedAt",
		         max(x.at) FILTER (WHERE x.connection <> 'connected' AND x.before = 'connected') AS "disconnectedAt"
		       FROM (SELECT c.at, c.connection, lag(c.connection) OVER (ORDER BY c.at, c.id) AS before
		         FROM "ConnectionChange" c JOIN "Mt5Account" a ON a.id = c."accountId"
		         WHERE c."accountId" = $1 AND a."userId" = $2
		           AND (c.connection = 'connected' OR c.connection = ANY($3::text[]))) x`,
		values: [accountId, userId, DISCONNECTED_EVENTS]
	});
	const { connectedAt = null, disconnectedAt = null } = rows[0] ?? {};
	return {
		lastConnectedAt: connectedAt?.toISOString() ?? null,
		lastDisconnectedAt: disconnectedAt?.toISOString() ?? null
	};
}
