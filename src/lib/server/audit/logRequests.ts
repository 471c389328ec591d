/** The two logs as the pages and the API ask for them: whose lines, which part, how many. */
import { z } from 'zod';
import type { AuditLineView, LogPageView, SystemLineView } from '#lib/domain/logViews.ts';
import type { App } from '../app.ts';
import type { SessionUser } from '../auth/session.ts';
import { notFound } from '../errors.ts';
import { parseInput } from '../http/readJson.ts';
import { csvDownload } from './exportLog.ts';
import {
	auditFilterSchema,
	filterOf,
	readCursor,
	systemFilterSchema,
	type AuditFilter,
	type SystemFilter
} from './logFilter.ts';
import { readAudit, readSystemLog } from './readLogs.ts';

const PAGE_LINES = 50;
const EXPORT_LINES = 1_000;

/** @throws AppError NOT_FOUND for everybody's lines, when asked by anybody but an operator */
function ownerOf(user: SessionUser, all: 'true' | undefined): string | null {
	if (all === undefined) return user.id;
	if (user.role !== 'OPERATOR') throw notFound('This address');
	return null;
}

/** @throws AppError VALIDATION, NOT_FOUND */
export function auditPage(
	{ db }: App,
	user: SessionUser,
	params: URLSearchParams
): Promise<LogPageView<AuditLineView>> {
	const filter = parseInput(filterOf(params), auditFilterSchema);
	return readAudit(db.pool, ownerOf(user, filter.all), filter, PAGE_LINES);
}

interface SystemRequest {
	filter: SystemFilter;
	owner: string | null;
}

/** @throws AppError VALIDATION, NOT_FOUND, also for an account that is not among those whose lines are asked for */
async function systemRequest(
	{ db }: App,
	user: SessionUser,
	params: URLSearchParams
): Promise<SystemRequest> {
	const filter = parseInput(filterOf(params), systemFilterSchema);
	const owner = ownerOf(user, filter.all);
	if (filter.account_id !== undefined) {
		const id = z.uuid().safeParse(filter.account_id).data;
		const where = { id: id ?? '', ...(owner === null ? {} : { userId: owner }) };
		if (id === undefined || (await db.prisma.mt5Account.count({ where })) === 0)
			throw notFound('The account');
	}
	return { filter, owner };
}

/**
 * @param limit lines a page
 * @throws AppError VALIDATION, NOT_FOUND
 */
export async function systemPage(
	app: App,
	user: SessionUser,
	params: URLSearchParams,
	limit = PAGE_LINES
): Promise<LogPageView<SystemLineView>> {
	const { filter, owner } = await systemRequest(app, user, params);
	return readSystemLog(app.db.pool, owner, filter, limit);
}

/** @throws AppError VALIDATION, NOT_FOUND */
export function auditFile({ db }: App, user: SessionUser, params: URLSearchParams): Response {
	const filter = parseInput(filterOf(params), auditFilterSchema);
	const owner = ownerOf(user, filter.all);
	return csvDownload(
		'quintet-activity',
		['time (UTC)', 'who', 'action', 'target', 'address', 'device', 'detail'],
		(before) => readAudit(db.pool, owner, { ...filter, ...placeOf(before) }, EXPORT_LINES),
		(line) => [
			line.at,
			line.who,
			line.action,
			line.target,
			line.ip,
			line.device,
			Object.keys(line.detail).length > 0 ? JSON.stringify(line.detail) : null
		]
	);
}

/** @throws AppError VALIDATION, NOT_FOUND */
export async function systemFile(app: App, user: SessionUser, params: URLSearchParams): Promise<Response> {
	const { filter, owner } = await systemRequest(app, user, params);
	return csvDownload(
		'quintet-system-log',
		['time (UTC)', 'level', 'code', 'message', 'agent', 'account'],
		(before) => readSystemLog(app.db.pool, owner, { ...filter, ...placeOf(before) }, EXPORT_LINES),
		(line) => [line.at, line.level, line.code, line.message, line.agent, line.account]
	);
}

const placeOf = (before: string | null): Pick<AuditFilter, 'before'> =>
	before === null ? {} : { before: readCursor(before) };
