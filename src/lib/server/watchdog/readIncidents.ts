/** Reads the watchdog's history, newest first; ownership is in the WHERE clause. */
import { z } from 'zod';
import {
	INCIDENT_ACTIONS,
	INCIDENT_KINDS,
	INCIDENT_OUTCOMES,
	MOST_INCIDENT_STEPS
} from '#lib/domain/incident.ts';
import type { IncidentView, WatchdogView } from '#lib/domain/views.ts';
import type { App } from '../app.ts';
import type { Sql } from '../db.ts';
import { requireAccountView } from '../accounts/readAccountViews.ts';

const SUMMARY_DAYS = 30;
const PAGE = 20;

const rowSchema = z.object({
	id: z.uuid(),
	kind: z.enum(INCIDENT_KINDS),
	startedAt: z.date(),
	detectedAt: z.date(),
	endedAt: z.date().nullable(),
	outcome: z.enum(INCIDENT_OUTCOMES).nullable(),
	restarts: z.int(),
	steps: z
		.array(z.object({ action: z.enum(INCIDENT_ACTIONS), afterMs: z.number(), error: z.string().nullable() }))
		.max(MOST_INCIDENT_STEPS),
	openPositions: z.int().nullable(),
	unprotectedPositions: z.int().nullable()
});

const COLUMNS = `w.id, w.kind, w."startedAt", w."detectedAt", w."endedAt", w.outcome, w.restarts, w.steps,
	w."openPositions", w."unprotectedPositions"`;

/** Where a page ends: start and id of its last incident. */
const cursorSchema = z
	.string()
	.regex(/^\d{1,16}_[0-9a-f-]{36}$/)
	.transform((text) => {
		const [ms = '', id = ''] = text.split('_');
		return { startedAt: new Date(Number(ms)), id };
	});

/** The watchdog of one account. @throws AppError NOT_FOUND, also when the account is another trader's */
export async function readWatchdog(
	app: App,
	userId: string,
	accountId: string,
	before: string | null = null
): Promise<WatchdogView> {
	const { policy, incident } = await requireAccountView(app, userId, accountId);
	const cursor = before === null ? null : (cursorSchema.safeParse(before).data ?? null);
	const { rows } = await app.db.pool.query({
		name: 'incidents-of-account',
		text: `SELECT ${COLUMNS} FROM "WatchdogIncident" w JOIN "Mt5Account" a ON a.id = w."accountId"
		       WHERE w."accountId" = $1 AND a."userId" = $2
		         AND ($3::timestamptz IS NULL OR (w."startedAt", w.id) < ($3, $4::uuid))
		       ORDER BY w."startedAt" DESC, w.id DESC LIMIT $5`,
		values: [accountId, userId, cursor?.startedAt ?? null, cursor?.id ?? null, PAGE + 1]
	});
	const incidents = rows.map(incidentView);
	const page = incidents.slice(0, PAGE);
	const last = incidents.length > PAGE ? page.at(-1) : undefined;
	return {
		isOn: policy.isWatchdogOn,
		current: incident,
		incidents: page,
		nextCursor: last ? `${Date.parse(last.startedAt)}_${last.id}` : null,
		summary: await readSummary(app.db.pool, userId, accountId)
	};
}

export function incidentView(row: unknown): IncidentView {
	const { startedAt, detectedAt, endedAt, ...rest } = rowSchema.parse(row);
	const isRecovered = rest.outcome === 'recovered' && endedAt !== null;
	return {
		...rest,
		startedAt: startedAt.toISOString(),
		detectedAt: detectedAt.toISOString(),
		endedAt: endedAt?.toISOString() ?? null,
		recoveredAfterMs: isRecovered ? Math.max(0, endedAt.getTime() - startedAt.getTime()) : null
	};
}

async function readSummary(sql: Sql, userId: string, accountId: string): Promise<WatchdogView['summary']> {
	const { rows } = await sql.query<WatchdogView['summary']>({
		name: 'incidents-summary',
		text: `SELECT count(*)::int AS incidents,
		         (count(*) FILTER (WHERE w.outcome = 'recovered'))::int AS recovered,
		         (count(*) FILTER (WHERE w.outcome = 'given_up'))::int AS "givenUp",
		         (percentile_cont(0.5) WITHIN GROUP (ORDER BY t.ms))::float8 AS "medianRecoveryMs",
		         max(t.ms)::float8 AS "longestRecoveryMs"
		       FROM "WatchdogIncident" w JOIN "Mt5Account" a ON a.id = w."accountId"
		       LEFT JOIN LATERAL (SELECT extract(epoch FROM w."endedAt" - w."startedAt") * 1000 AS ms
		         WHERE w.outcome = 'recovered') t ON true
		       WHERE w."accountId" = $1 AND a."userId" = $2
		         AND w."startedAt" > now() - make_interval(days => $3)`,
		values: [accountId, userId, SUMMARY_DAYS]
	});
	return (
		rows[0] ?? { incidents: 0, recovered: 0, givenUp: 0, medianRecoveryMs: null, longestRecoveryMs: null }
	);
}
