/** The edge of the JSON API: describes a route, and turns a service's answer or refusal into a response. */
import { json, type RequestEvent, type RequestHandler } from '@sveltejs/kit';
import type { z } from 'zod';
import type { ErrorBody } from '#lib/domain/views.ts';
import { isDatabaseAway } from '../databaseAway.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import { readJson } from './readJson.ts';

/** Where the description of the API puts a route. */
export const TAGS = [
	'Commands',
	'Accounts',
	'Settings',
	'Analytics',
	'Activity',
	'Live',
	'Alerts',
	'Experts',
	'Sign-in and security',
	'Operators',
	'Agents',
	'This description'
] as const;

/** What a route says of itself in /api/openapi.json. The schemas are those it works with. */
export interface RouteDescription<Body extends z.ZodType = z.ZodType> {
	tag: (typeof TAGS)[number];
	/** In a few words: what it does. */
	summary: string;
	/** What else one has to know, in sentences. */
	details?: string;
	/** The JSON body; the handler gets it from its second argument. */
	body?: Body;
	/** Where it may be larger than MAX_BODY_BYTES. */
	mostBodyBytes?: number;
	query?: z.ZodObject;
	headers?: Record<string, { schema: z.ZodType; details: string }>;
	/** Of a success: the schema of the JSON, a media type of something else, or null for nothing. */
	answer: z.ZodType | `${string}/${string}` | null;
	/** Of a success; left out 200, or 204 for no answer. */
	status?: number;
	/** Refusals that are its own; those of every route need not be named. */
	refusals?: readonly ErrorCode[];
}

/** The handler of a method in a +server.ts, with its description. */
export type DescribedHandler = RequestHandler & { readonly description: RouteDescription };

/**
 * A route of the JSON API: refusals become `{error: {code, message, requestId}}`. The handler reads the body
 * when it has seen who asks, so that a stranger learns nothing of what is wrong with it.
 */
export function api<Body extends z.ZodType = z.ZodNever>(
	description: RouteDescription<Body>,
	handler: (event: RequestEvent, readBody: () => Promise<z.infer<Body>>) => Promise<Response>
): DescribedHandler {
	const { body, mostBodyBytes } = description;
	const handle = refusing((event) =>
		handler(event, () => {
			if (!body) throw new Error('a body is read that the route does not describe');
			return readJson(event, body, mostBodyBytes);
		})
	);
	return Object.assign(handle, { description });
}

/** For an address beside the API: refuses as the API does, and is not described. */
export function refusing(handler: (event: RequestEvent) => Promise<Response>): RequestHandler {
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
