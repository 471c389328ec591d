/** The edge of the JSON API: turns a service's answer or refusal into a response. */
import { json, type RequestEvent, type RequestHandler } from '@sveltejs/kit';
import pg from 'pg';
import type { ErrorBody } from '#lib/domain/views.ts';
import { AppError } from '../errors.ts';

/** Wraps the handler of a JSON route: refusals become `{error: {code, message, requestId}}`. */
export function api(handler: (event: RequestEvent) => Promise<Response>): RequestHandler {
	return async (event) => {
		try {
			return await handler(event);
		} catch (error) {
			return errorResponse(error, event);
		}
	};
}

/** The response to any error. What is not an AppError is logged, and the user learns nothing of its inside. */
export function errorResponse(error: unknown, event: RequestEvent): Response {
	const { requestId, app } = event.locals;
	const known = toAppError(error);
	if (known.status >= 500)
		app.logger.error({ err: error, requestId, path: event.url.pathname }, 'request failed');
	const body: ErrorBody = {
		error: {
			code: known.code,
			message: known.message,
			requestId,
			...(known.fields ? { fields: known.fields } : {})
		}
	};
	const headers: Record<string, string> = { 'cache-control': 'no-store' };
	if (known.retryAfterSeconds !== undefined) headers['retry-after'] = String(known.retryAfterSeconds);
	return json(body, { status: known.status, headers });
}

/** Any error as a refusal with a sentence that is safe to show. */
export function toAppError(error: unknown): AppError {
	if (error instanceof AppError) return error;
	if (isDatabaseAway(error))
		return new AppError(
			'UNAVAILABLE',
			// Whether a commit under way went through is not known here, so nothing is claimed about it.
			'The database cannot be reached just now. Try again in a moment; if you were changing something, look first whether it was done.',
			{
				retryAfterSeconds: 5
			}
		);
	return new AppError('INTERNAL', 'Something went wrong on our side. Tell your operator the request id.');
}

const AWAY = new Set([
	'ECONNREFUSED',
	'ECONNRESET',
	'EPIPE',
	'57P01',
	'57P02',
	'57P03',
	// Full disk or memory, no connection left, read-only: nothing can be written.
	'53100',
	'53200',
	'53300',
	'25006',
	'P1001',
	'P1002',
	'P1017',
	// Read-only, disk full, out of memory, too many connections.
	'25006',
	'53100',
	'53200',
	'53300',
	// No connection, or no end of a transaction, in time.
	'P2028'
]);

/** No answer from the database: whether a commit under way went through is not known. */
export function isDatabaseAway(error: unknown): boolean {
	if (!(error instanceof Error)) return false;
	const { code, meta } = error as {
		code?: unknown;
		meta?: { driverAdapterError?: { cause?: { originalCode?: string } } };
	};
	// Prisma keeps PostgreSQL's own code inside its error.
	const inner = meta?.driverAdapterError?.cause?.originalCode;
	if ([code, inner].some((each) => typeof each === 'string' && AWAY.has(each))) return true;
	if (error instanceof pg.DatabaseError) return false;
	return /Connection terminated|timeout exceeded when trying to connect|Can't reach database/.test(
		error.message
	);
}
