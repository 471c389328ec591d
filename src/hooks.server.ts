/**
 * What every request passes: request id, cross-site check, session, default-deny, security headers. Also the
 * start of the long-lived things, and where src/server.ts finds them.
 */
import { randomUUID } from 'node:crypto';
import { json, type Handle, type HandleServerError, type ServerInit } from '@sveltejs/kit';
import { createApp, type App } from '#lib/server/app.ts';
import { loadConfig } from '#lib/server/config.ts';
import { AppError } from '#lib/server/errors.ts';
import { isDatabaseAway } from '#lib/server/databaseAway.ts';
import { errorResponse, toAppError } from '#lib/server/http/api.ts';
import { isCrossSite } from '#lib/server/http/crossSite.ts';
import { isPublicPath } from '#lib/server/http/publicPaths.ts';
import { themeOf } from '#lib/server/http/theme.ts';
import { registerRunningApp } from '#lib/server/running.ts';

let app: App | undefined;

export const init: ServerInit = async () => {
	app = await createApp(loadConfig(process.env));
	registerRunningApp(app);
};

export const handle: Handle = async (input) => {
	const startedAtMs = performance.now();
	const { request, route } = input.event;
	const response = await answer(input);
	// A live stream's time is how long somebody looked at the page.
	if (route.id !== '/api/stream')
		app?.meters.requestDone(
			request.method,
			route.id,
			response.status,
			(performance.now() - startedAtMs) / 1000
		);
	return response;
};

const answer: Handle = async ({ event, resolve }) => {
	if (!app) throw new Error('a request came before the start was done');
	const { locals, url, request, cookies } = event;
	const isApi = url.pathname.startsWith('/api/');
	locals.app = app;
	locals.requestId = randomUUID();
	locals.user = null;
	locals.session = null;
	locals.eventSeq = null;
	locals.isDatabaseAway = false;
	locals.theme = themeOf(cookies);

	try {
		if (isCrossSite(request, url))
			throw new AppError(
				'CROSS_SITE',
				'This request came from another site. Open Quintet itself and try again.'
			);
		const session = await sessionOf(app, event);
		locals.user = session?.user ?? null;
		locals.session = session?.session ?? null;
		locals.eventSeq = session?.eventSeq ?? null;
		if (!locals.user && !isPublicPath(url.pathname, event.route.id)) {
			if (isApi) throw new AppError('UNAUTHENTICATED', 'You are not signed in. Sign in and try again.');
			return secured(toLogin(event), locals.requestId);
		}
		const response = await resolve(event, {
			transformPageChunk: ({ html }) => html.replace('%quintet.theme%', locals.theme)
		});
		return secured(isApi ? await asApiError(response, event) : response, locals.requestId);
	} catch (error) {
		if (isApi || error instanceof AppError) return secured(errorResponse(error, event), locals.requestId);
		throw error;
	}
};

/** Stop must work without the database: then, and only there, a session seen a few minutes ago is enough. */
async function sessionOf({ sessions }: App, event: Parameters<Handle>[0]['event']) {
	try {
		return await sessions.validate(event.cookies);
	} catch (error) {
		if (!isCommandPost(event) || !isDatabaseAway(error)) throw error;
		const recent = sessions.recall(event.cookies);
		// Who it is is not known; "not signed in" would be a claim.
		if (!recent) throw error;
		event.locals.isDatabaseAway = true;
		return recent;
	}
}

const isCommandPost = ({ request, route }: Parameters<Handle>[0]['event']): boolean =>
	request.method === 'POST' && route.id === '/api/user/ea/command';

export const handleError: HandleServerError = ({ error, event, status, message }) => {
	const { requestId } = event.locals;
	if (status >= 500) app?.logger.error({ err: error, requestId, path: event.url.pathname }, 'request failed');
	const sentence =
		status === 404 ? 'This page does not exist.' : status >= 500 ? toAppError(error).message : message;
	return { message: sentence, requestId };
};

/** A page's own request for data gets the redirect as data: a followed one would bring it the login page's HTML. */
function toLogin({ url, isDataRequest }: Parameters<Handle>[0]['event']): Response {
	const location = url.pathname === '/' ? '/login' : `/login?next=${encodeURIComponent(url.pathname)}`;
	return isDataRequest
		? json({ type: 'redirect', location }, { headers: { 'cache-control': 'no-store' } })
		: new Response(null, { status: 303, headers: { location } });
}

/** Kit's own refusals below /api (no such route, wrong method) in the shape of all others. */
async function asApiError(response: Response, event: Parameters<Handle>[0]['event']): Promise<Response> {
	const isOurs = response.headers.get('content-type')?.startsWith('application/json') ?? false;
	if (response.status === 405) {
		const allow = response.headers.get('allow') ?? '';
		const refusal = errorResponse(
			new AppError('METHOD_NOT_ALLOWED', `This address takes ${allow || 'another method'}.`),
			event
		);
		refusal.headers.set('allow', allow);
		return refusal;
	}
	if (response.status === 404 && (event.route.id === null || !isOurs))
		return errorResponse(new AppError('NOT_FOUND', 'There is nothing at this address of the API.'), event);
	if (response.status >= 500 && !isOurs)
		return json(
			{
				error: {
					code: 'INTERNAL',
					message: 'Something went wrong on our side. Tell your operator the request id.',
					requestId: event.locals.requestId
				}
			},
			{ status: response.status }
		);
	return response;
}

function secured(response: Response, requestId: string): Response {
	const { headers } = response;
	headers.set('x-request-id', requestId);
	headers.set('x-content-type-options', 'nosniff');
	headers.set('x-frame-options', 'DENY');
	headers.set('referrer-policy', 'same-origin');
	headers.set('permissions-policy', 'camera=(), microphone=(), geolocation=(), payment=()');
	headers.set('cross-origin-opener-policy', 'same-origin');
	if (app?.config.isSecureOrigin) headers.set('strict-transport-security', 'max-age=31536000');
	return response;
}
