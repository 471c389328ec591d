/** The edge of the JSON API: turns a service's answer or refusal into a response. */
import { json, type RequestEvent, type RequestHandler } from '@sveltejs/kit';
import type { ErrorBody } from '#lib/domain/views.ts';
import { isDatabaseAway } from '../databaseAway.ts';
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
