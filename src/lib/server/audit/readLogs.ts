/** Reads the audit log and the system log, newest first, page by page at the same cost however far back. */
import {
	LOG_LEVELS,
	type AuditLineView,
	type LogPageView,
	type SystemLineView
} from '#lib/domain/logViews.ts';
import type { Sql } from '../db.ts';
import { deviceWords } from '../auth/deviceWords.ts';
import { printCursor, type AuditFilter, type LogCursor, type SystemFilter } from './logFilter.ts';

interface Row {
	id: string;
	at: Date;
}
interface AuditRow extends Row {
	who: string | null;
	action: string;
	target: string | null;
	ip: string | null;
	userAgent: string | null;
	detail: Record<string, unknown>;
}
type SystemRow = Row & Omit<SystemLineView, 'id' | 'at'>;

/**
 * Lines of one user; of everybody when `userId` is null.
 * @param limit lines a page
 */
export async function readAudit(
	sql: Sql,
	userId: string | null,
	filter: AuditFilter,
	limit: number
): Promise<LogPageView<AuditLineView>> {
	const { rows } = await sql.query<AuditRow>(
		`SELECT l.id, l.at, u.name || ' <' || u.email || '>' AS who, l.action, l.ip, l."userAgent", l.detail,
		   coalesce(a.name || ' (' || a."accountNumber" || ')', g.name, l.detail->>'accountNumber', l.detail->>'name') AS target
		 FROM "AuditLog" l
		 LEFT JOIN "User" u ON u.id = l."userId"
		 LEFT JOIN "Mt5Account" a ON l."targetType" = 'account' AND a.id::text = l."targetId" AND a."userId" = l."userId"
		 LEFT JOIN "Agent" g ON l."targetType" = 'agent' AND g.id::text = l."targetId"
		 WHERE ${RANGE} AND ($7::text IS NULL OR l.action LIKE $7 || '.%')
		 ORDER BY l.at DESC, l.id DESC LIMIT $6`,
		[...range(userId, filter, limit), filter.thing ?? null]
	);
	return page(rows, limit, ({ userAgent, ...row }) => ({
		...row,
		at: row.at.toISOString(),
		device: userAgent === null ? null : deviceWords(userAgent)
	}));
}

/** As readAudit, of what agents reported of the user's terminals; of all machines when `userId` is null. */
export async function readSystemLog(
	sql: Sql,
	userId: string | null,
	filter: SystemFilter,
	limit: number
): Promise<LogPageView<SystemLineView>> {
	const levels = filter.level === undefined ? null : LOG_LEVELS.slice(LOG_LEVELS.indexOf(filter.level));
	const { rows } = await sql.query<SystemRow>(
		`SELECT l.id, l.at, l.level, l.detail->>'code' AS code, l.message, g.name AS agent,
		   a.name || ' (' || a."accountNumber" || ')' AS account
		 FROM "SystemLog" l
		 LEFT JOIN "Agent" g ON g.id = l."agentId"
		 LEFT JOIN "Mt5Account" a ON a.id = l."accountId"
		 WHERE ${RANGE} AND ($7::text[] IS NULL OR l.level = ANY($7)) AND ($8::uuid IS NULL OR l."accountId" = $8)
		 ORDER BY l.at DESC, l.id DESC LIMIT $6`,
		[...range(userId, filter, limit), levels, filter.account_id ?? null]
	);
	return page(rows, limit, (row) => ({ ...row, at: row.at.toISOString() }));
}

const RANGE = `($1::uuid IS NULL OR l."userId" = $1)
		   AND ($2::date IS NULL OR l.at >= $2::date::timestamp AT TIME ZONE 'UTC')
		   AND ($3::date IS NULL OR l.at < ($3::date + 1)::timestamp AT TIME ZONE 'UTC')
		   AND ($4::timestamptz IS NULL OR (l.at, l.id) < ($4, $5::uuid))`;

function range(
	userId: string | null,
	{
		from,
		to,
		before
	}: { from?: string | undefined; to?: string | undefined; before?: LogCursor | undefined },
	limit: number
): unknown[] {
	// One more than a page tells whether there is another.
	return [userId, from ?? null, to ?? null, before?.at ?? null, before?.id ?? null, limit + 1];
}

function page<R extends Row, Line>(rows: R[], limit: number, lineOf: (row: R) => Line): LogPageView<Line> {
	const shown = rows.slice(0, limit);
	const last = shown.at(-1);
	return {
		lines: shown.map(lineOf),
		nextCursor: rows.length > limit && last ? printCursor(last) : null
	};
}
